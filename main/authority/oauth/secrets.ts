import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url: handles, launch values, partition cookies. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What of a secret may be stored: SHA-256, base64url. Enough for 256 random bits, not for less. */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url')
