import { hash } from 'node:crypto'
import type { WriteOptions } from '../port.ts'

/** Numbers that are kept: people and workstations come again all day. */
const mostKept = 16_384
const numbers = new Map<string, bigint>()

/** Advisory locks have numbers; 64 bits of a hash do not meet by accident. */
function numberOf(schema: string, name: string): bigint {
  const text = `lanyard ${schema} ${name}`
  let number = numbers.get(text)
  if (number === undefined) {
    number = hash('sha256', text, 'buffer').readBigInt64BE(0)
    if (numbers.size >= mostKept) numbers.clear()
    numbers.set(text, number)
  }
  return number
}

const isolation = 'begin isolation level read committed'

/** Works that share a transaction wait so long for locks, ms; then each waits for its own. */
const sharedPatience = 250

/** As `beginCommand`, for works that share a transaction: what one waits for keeps all of them. */
export const beginTogether = (schema: string, lock: readonly string[]): string =>
  beginCommand(schema, { lock }).replace(
    isolation,
    `${isolation}; set local lock_timeout = ${sharedPatience}`,
  )

/**
 * The one command that begins a write, with the locks that make it as if writes ran one after
 * another, on however many nodes. A write that names nothing excludes every other; one that names
 * what it depends on excludes those that name one of the same. Each statement afterwards sees all
 * that committed before. (SERIALIZABLE was measured instead: with tables as small as those of
 * people who are just signing in, its locks on pages made two of three writes run again.)
 */
export function beginCommand(schema: string, { isolation: kind, lock }: WriteOptions): string {
  if (kind === 'read-committed') return isolation
  const all = numberOf(schema, 'everything')
  if (!lock) return `${isolation}; select pg_advisory_xact_lock(${all})`
  // In one order everywhere, so that two that name the same never wait for each other.
  const named = [...new Set(lock.map((name) => numberOf(schema, name)))].toSorted((a, b) =>
    a < b ? -1 : 1,
  )
  // In one statement, whose rows come in the order of the array: each one would cost as much as a query.
  const locks = `select count(pg_advisory_xact_lock(n)) from unnest('{${named.join(',')}}'::bigint[]) n`
  return [isolation, `select pg_advisory_xact_lock_shared(${all})`, locks].join('; ')
}
