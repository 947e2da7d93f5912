import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { passkey } from '@better-auth/passkey'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import BetterSqlite from 'better-sqlite3'
import pg from 'pg'

/*
 * better-auth with its passkey plugin as one picks it off the shelf, on a database that flushes
 * every commit: `node server.mjs <settings>`, JSON of {sqlite | postgres, people, rpId, origin}.
 * Sends {url} to its parent when it serves.
 */

const settings = JSON.parse(process.argv[2])
const { sqlite, postgres, people, rpId, origin } = settings

function openSqlite() {
  const db = new BetterSqlite(sqlite)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  return db
}
const database = sqlite ? openSqlite() : new pg.Pool({ connectionString: postgres, max: 20 })

const auth = betterAuth({
  database,
  baseURL: origin,
  secret: 'a secret of this benchmark that guards nothing',
  trustedOrigins: [origin],
  rateLimit: { enabled: false },
  logger: { disabled: true },
  telemetry: { enabled: false },
  plugins: [passkey({ rpID: rpId, rpName: 'Bench', origin })],
})

const { runMigrations } = await getMigrations(auth.options)
await runMigrations()

const rows = JSON.parse(readFileSync(people, 'utf8'))
const now = new Date()
const userOf = ({ personId }) => ({
  id: personId,
  name: personId,
  email: `${personId}@lanyard.example`,
  emailVerified: sqlite ? 1 : true,
  createdAt: sqlite ? now.toISOString() : now,
  updatedAt: sqlite ? now.toISOString() : now,
})
const passkeyOf = ({ personId, passkeyId, publicKey }) => ({
  id: `p-${personId}`,
  name: 'Key',
  publicKey,
  userId: personId,
  credentialID: passkeyId,
  counter: 0,
  deviceType: 'singleDevice',
  backedUp: sqlite ? 0 : false,
  transports: 'usb',
  createdAt: sqlite ? now.toISOString() : now,
})

/** @type {readonly (readonly [string, (row: any) => object])[]} */
const tables = [
  ['user', userOf],
  ['passkey', passkeyOf],
]
const names = (row) =>
  Object.keys(row)
    .map((name) => `"${name}"`)
    .join(', ')
if (sqlite) {
  database.transaction(() => {
    for (const [table, of] of tables) {
      const fields = names(of(rows[0]))
      const places = Object.keys(of(rows[0]))
        .map(() => '?')
        .join(', ')
      const insert = database.prepare(`insert into "${table}" (${fields}) values (${places})`)
      for (const row of rows) insert.run(...Object.values(of(row)))
    }
  })()
} else {
  for (const [table, of] of tables)
    await database.query(
      `insert into "${table}" (${names(of(rows[0]))})
       select ${names(of(rows[0]))} from json_populate_recordset(null::"${table}", $1)`,
      [JSON.stringify(rows.map(of))],
    )
}

const server = createServer(toNodeHandler(auth))
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${server.address().port}` }),
)
process.on('disconnect', () => process.exit(0))
