import { DatabaseError } from 'pg'
import { ConstraintError, StoreError, type ConstraintKind, type StoreErrorCode } from '../port.ts'

const advice = {
  busy: 'Try again in a moment; if it stays, look at the load and the locks of PostgreSQL.',
  full: 'Free space on the disks of PostgreSQL (data and WAL); nothing needs to be restarted.',
  corrupt: 'Stop Lanyard, keep a copy of the data for analysis, and restore the last backup.',
  unwritable: 'Check database, user, password and rights in the configuration of Lanyard.',
  io: 'Check the disks of PostgreSQL and its log; Lanyard goes on when PostgreSQL does.',
  closed: 'Restart Lanyard.',
  newer: 'Install the version of Lanyard that wrote this database, or a later one.',
  unreachable: 'Check that PostgreSQL runs and can be reached; Lanyard goes on by itself.',
  unconfirmed: 'Look whether it took place before doing it again.',
} as const satisfies Record<StoreErrorCode, string>

export const postgresError = (code: StoreErrorCode, message: string, own?: string) =>
  new StoreError(code, message, own ?? advice[code])

/** The transaction lost against another one and may be run again. Never leaves the engine. */
export class Conflict extends Error {
  constructor() {
    super('The transaction was in conflict with another.')
    this.name = 'Conflict'
  }
}

const kinds: Readonly<Record<string, ConstraintKind>> = {
  23502: 'not-null',
  23503: 'foreign-key',
  23505: 'unique',
  23514: 'check',
}

/** By SQLSTATE, or by its class (two characters). */
const codes: Readonly<Record<string, StoreErrorCode>> = {
  '08': 'unreachable',
  '25006': 'unreachable', // read-only: no longer the primary
  '25P03': 'unreachable', // the session was idle in a transaction for too long
  '28': 'unwritable',
  '3D000': 'unwritable',
  '42501': 'unwritable',
  '53100': 'full',
  '53': 'busy', // out of memory, connections
  '55P03': 'busy', // lock not available
  '57014': 'busy', // statement timeout
  '57': 'unreachable', // shutting down, starting up
  '58': 'io',
  XX001: 'corrupt',
  XX002: 'corrupt',
}

/** Of Node and of `pg`, when there is no connection or none any more. */
const lost =
  /^(Connection terminated|Client has encountered a connection|Client was closed|Query read timeout|timeout expired)/

/**
 * What `pg` reported, as the error that the port promises. Nothing of the server's text is passed
 * on that can hold values: neither `detail` nor the message of a conversion, nor the error as cause.
 */
export function translate(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('PostgreSQL failed without an error.')
  if (error instanceof DatabaseError) return fromServer(error)
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== undefined || lost.test(error.message) || code?.startsWith('ERR_TLS'))
    return postgresError('unreachable', `There is no connection to PostgreSQL${of(code)}.`)
  return error
}

function fromServer(error: DatabaseError): Error {
  const state = error.code ?? 'XX000'
  if (state === '40001' || state === '40P01' || isStalePlan(error)) return new Conflict()
  const kind = kinds[state] ?? (state.startsWith('23') ? 'other' : null)
  if (kind) return new ConstraintError(kind, `A ${kind} rule is broken${place(error)}.`)
  const code = codes[state] ?? codes[state.slice(0, 2)]
  if (code) return postgresError(code, `PostgreSQL refused (${state}).`)
  // Class 42 is about the query itself, which holds no values: they are parameters.
  const text = state.startsWith('42') ? `: ${error.message}` : ''
  return new Error(`PostgreSQL ${state}${text}${place(error)}`)
}

/**
 * A prepared `select *` whose table another version of the program changed meanwhile, or the server
 * has no such statement, or has it already: one that was sent together with it failed.
 */
export const isStalePlan = (error: unknown) =>
  error instanceof DatabaseError &&
  (error.code === '26000' ||
    error.code === '42P05' ||
    (error.code === '0A000' && error.routine === 'RevalidateCachedQuery'))

const of = (code: string | undefined) => (code === undefined ? '' : ` (${code})`)

function place({ table, column, constraint }: DatabaseError): string {
  const names = [table, column, constraint].filter((name) => name !== undefined)
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}
