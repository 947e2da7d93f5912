import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'
import { valueTypes } from './value-types.ts'

/**
 * Where PostgreSQL is and who asks: a connection string, or its parts. Several servers stand side by
 * side, `a,b`: the primary among them is used, and after a failover the new one.
 */
export type PostgresAddress =
  | { readonly connectionString: string }
  | {
      /** A name, an address, or the folder of a Unix socket. */
      readonly host: string
      readonly port?: number
      readonly database: string
      readonly user: string
      /** A function is asked for every new connection: a password may change while the service runs. */
      readonly password?: string | (() => string | Promise<string>)
    }

export interface SessionOptions {
  /** Of all tables; created when it is missing. */
  readonly schema?: string
  readonly ssl?: boolean | ConnectionOptions
  /** The server ends a statement that takes longer, in ms. */
  readonly statementTimeout?: number
  /** How long a connection may take to be made, in ms. */
  readonly connectTimeout?: number
}

export type PostgresSession = PostgresAddress & SessionOptions

/** Names of the database that need no quotes; anything else is a mistake in the configuration. */
const schemaName = /^[a-z_][a-z0-9_]{0,62}$/

export function schemaOf({ schema = 'lanyard' }: SessionOptions): string {
  if (schemaName.test(schema)) return schema
  throw new Error('The schema must be named with small letters, digits and `_`.')
}

export const statementTimeoutOf = ({ statementTimeout = 10_000 }: SessionOptions) =>
  statementTimeout

/**
 * A server that answers nothing for so long, ms, does not answer at all: its own limit would have come
 * first.
 */
export const longestSilence = (session: SessionOptions) => statementTimeoutOf(session) + 5000

/** All of a connection but the address of its server. */
export function clientConfig(session: PostgresSession): ClientConfig {
  const { ssl, connectTimeout = 5000 } = session
  return {
    ...(ssl === undefined ? {} : { ssl }),
    application_name: 'lanyard',
    connectionTimeoutMillis: connectTimeout,
    query_timeout: longestSilence(session),
    // Queries asked together are sent together; each still answers for itself.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: valueTypes,
  }
}
