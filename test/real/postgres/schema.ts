import { randomBytes } from 'node:crypto'
import { dropSchema } from '../../../main/store/postgres/test-database.ts'

/** A name for a schema that nobody else has, and its end. */
export function newSchema(connectionString: string) {
  const schema = `t_${randomBytes(6).toString('hex')}`
  return {
    session: { connectionString, schema },
    drop: () => dropSchema(connectionString, schema),
  }
}
