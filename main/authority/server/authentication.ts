import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Compares `Authorization: Bearer <secret>` in a time that says nothing about the secret. */
export function createBearerCheck(secret: string): (authorization: string | undefined) => boolean {
  const expected = digest(`Bearer ${secret}`)
  return (authorization) => timingSafeEqual(digest(authorization ?? ''), expected)
}

/**
 * Only the name and port that this server is reached by: a page whose own name was rebound to the
 * loopback address sends its own name here.
 */
export function createHostCheck(port: number): (host: string | undefined) => boolean {
  const allowed = `127.0.0.1:${port}`
  return (host) => host === allowed
}
