import { randomBytes } from 'node:crypto'
import { dropSchema } from '../../main/store/postgres/test-database.ts'

export interface FreshSchema {
  readonly session: { readonly connectionString: string; readonly schema: string }
  drop(): Promise<void>
}

/** The name of a schema that several nodes share; the first of them creates it. */
export function freshSchema(connectionString: string): FreshSchema {
  const schema = `t_${randomBytes(6).toString('hex')}`
  return {
    session: { connectionString, schema },
    drop: () => dropSchema(connectionString, schema),
  }
}
