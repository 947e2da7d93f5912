import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { AuthorityContext } from '../context.ts'

/** To make a key of the bytes costs five times the tag. */
const keys = new WeakMap<Uint8Array, KeyObject>()

function keyOf(bytes: Uint8Array): KeyObject {
  const known = keys.get(bytes)
  if (known) return known
  const key = createSecretKey(bytes)
  keys.set(bytes, key)
  return key
}

/**
 * Tag of a badge: HMAC-SHA-256 over `badge-v1|` and the canonical identity (main/badge), hex. The
 * key is not in the database, so a stolen database says nothing about badge numbers, of which there
 * are few enough to try them all.
 */
export function badgeTag(
  { key }: Pick<AuthorityContext['badgeKey'], 'key'>,
  canonical: string,
): string {
  return createHmac('sha256', keyOf(key)).update(`badge-v1|${canonical}`).digest('hex')
}

/** What a log may say of a badge: enough to tell two apart, too little to find one. */
export const shortTag = (tag: string) => tag.slice(0, 6)
