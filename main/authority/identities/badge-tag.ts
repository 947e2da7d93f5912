import { createHmac } from 'node:crypto'
import type { AuthorityContext } from '../context.ts'

/**
 * Tag of a badge: HMAC-SHA-256 over `badge-v1|` and the canonical identity (main/badge), hex. The
 * key is not in the database, so a stolen database says nothing about badge numbers, of which there
 * are few enough to try them all.
 */
export function badgeTag(
  { key }: Pick<AuthorityContext['badgeKey'], 'key'>,
  canonical: string,
): string {
  return createHmac('sha256', key).update(`badge-v1|${canonical}`).digest('hex')
}

/** What a log may say of a badge: enough to tell two apart, too little to find one. */
export const shortTag = (tag: string) => tag.slice(0, 6)
