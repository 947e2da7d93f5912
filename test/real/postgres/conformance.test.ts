import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, inject } from 'vitest'
import { postgresTypes } from '../../../main/store/column-types.ts'
import { storeConformance } from '../../../main/store/conformance.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { dropSchema } from '../../../main/store/postgres/test-database.ts'

let schema: string
beforeEach(() => {
  schema = `t_${randomBytes(6).toString('hex')}`
})
afterEach(() => dropSchema(inject('postgres'), schema))

storeConformance(
  () => openPostgres({ connectionString: inject('postgres'), schema, migrations: [] }),
  postgresTypes,
)
