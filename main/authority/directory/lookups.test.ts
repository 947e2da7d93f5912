import * as fc from 'fast-check'
import { type CompiledQuery, type KyselyPlugin, sql, type UnknownRow } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import { coreUser, type ScimFixture, scimFixture } from '../../../test/support/directory.ts'
import { testPostgres } from '../../store/postgres/test-database.ts'
import { filterFor, matches } from './filter.ts'
import { maxExamined } from './listing.ts'
import { type Lookup, lookupsOf } from './lookups.ts'
import { chunksOf } from './rows.ts'
import { userType } from './schemas.ts'

let f: AuthorityFixture
let scim: ScimFixture
/** Queries of the requests since `watch.begin`, and the rows that they brought. */
const watch = { queries: [] as CompiledQuery[], rows: 0 }
function watching(): KyselyPlugin {
  return {
    transformQuery({ node, queryId }) {
      watch.queries.push(f.db.read.getExecutor().compileQuery(node, queryId))
      return node
    },
    async transformResult({ result }) {
      watch.rows += result.rows.length
      return result
    },
  }
}
beforeEach(async () => {
  f = await authorityFixture({ people: [] })
  const { db } = f
  const watched = {
    read: db.read.withPlugin(watching()),
    write: db.write.bind(db),
    close: db.close.bind(db),
  }
  scim = await scimFixture({ ...f, db: watched })
})
afterEach(() => f.dispose())

/** A house larger than what may be examined; number 7 is asked for. */
const many = maxExamined + 1
const id = (n: number) => `User_${n}`
async function addPeople(count: number, first = 0): Promise<void> {
  const numbers = Array.from({ length: count - first }, (_, n) => first + n)
  await f.db.write(async (tx) => {
    for (const part of chunksOf(numbers)) {
      const users = part.map((n) => ({
        user_id: id(n),
        person_id: `person-${n}`,
        user_name_key: `u${n}@x.example`,
        external_id: `E${n}`,
        document: JSON.stringify({ userName: `u${n}@x.example`, externalId: `E${n}` }),
        version: 1,
        created_at: 1_700_000_000_000 + n,
        changed_at: 1,
        deleted_at: null,
      }))
      const emails = part.map((n) => ({ user_id: id(n), value_key: `u${n}@x.example` }))
      await tx.insertInto('directory_users').values(users).execute()
      await tx.insertInto('directory_emails').values(emails).execute()
    }
  })
}
/** Each with some of the people. */
async function addGroups(count: number, people: number): Promise<void> {
  const groups = Array.from({ length: count }, (_, n) => ({
    group_id: `Group_${n}`,
    external_id: `G${n}`,
    display_name: `Other ${n}`,
    display_key: `other ${n}`,
    version: 1,
    created_at: n,
    changed_at: n,
  }))
  const members = Array.from({ length: people }, (_, n) => ({
    group_id: `Group_${n % count}`,
    user_id: id(n),
  }))
  await f.db.write(async (tx) => {
    for (const part of chunksOf(groups))
      await tx.insertInto('directory_groups').values(part).execute()
    for (const part of chunksOf(members))
      await tx.insertInto('directory_members').values(part).execute()
  })
}

const find = (path: string, filter: string, more = '') =>
  scim.send('GET', `${path}?filter=${encodeURIComponent(filter)}${more}`)

/** Tables that a query reads from one end to the other, as the database's own plan says. */
async function readWhole({ sql: text, parameters }: CompiledQuery): Promise<string[]> {
  const explain = testPostgres === undefined ? 'explain query plan ' : 'explain '
  const { rows } = await f.db.read.executeQuery<UnknownRow>({
    ...sql`select 1`.compile(f.db.read),
    sql: explain + text,
    parameters,
  })
  const steps = rows.map((row) => String(row['detail'] ?? row['QUERY PLAN']))
  return steps.filter((step) => /^SCAN |Seq Scan on directory_/.test(step.trim()))
}

test('what directories ask for is found by an index among more than may be examined', async () => {
  await addPeople(many)
  await addGroups(2000, many)
  const email = [
    { value: 'Ida@Hospital.example', type: 'work', primary: true },
    { value: 'ida@home.example', type: 'home' },
  ]
  const ida = await scim.createUser('Ida@X.example', { externalId: 'Ida', emails: email })
  const ward = await scim.createGroup('Ward Ärzte', [ida.id, id(1)], { externalId: 'Ward' })
  if (testPostgres !== undefined) await sql`analyze`.execute(f.db.read)

  const asked: readonly (readonly [string, string, number])[] = [
    ['/Users', 'userName eq "IDA@x.EXAMPLE"', 1],
    ['/Users', 'userName eq "nobody"', 0],
    ['/Users', 'externalId eq "Ida"', 1],
    ['/Users', 'externalId eq "ida"', 0],
    ['/Users', `id eq "${ida.id}"`, 1],
    ['/Users', `id eq "${id(7).toUpperCase()}"`, 0],
    ['/Users', 'emails[type eq "work"].value eq "ida@HOSPITAL.example"', 1],
    ['/Users', 'emails[type eq "work"] eq "ida@hospital.example"', 1],
    ['/Users', 'emails[type eq "work" and value eq "ida@hospital.example"]', 1],
    ['/Users', 'emails[type eq "work"].value eq "ida@home.example"', 0],
    ['/Users', 'emails eq "ida@home.example"', 1],
    ['/Users', 'emails.value eq "ida@home.example" and active eq true', 1],
    ['/Users', 'userName eq "u1@x.example" or externalId eq "E2"', 2],
    ['/Users', `groups.value eq "${ward.id}"`, 2],
    ['/Groups', 'displayName eq "WARD äRZTE"', 1],
    ['/Groups', 'externalId eq "Ward"', 1],
    ['/Groups', 'externalId eq "ward"', 0],
    ['/Groups', `id eq "${ward.id}"`, 1],
    ['/Groups', `members eq "${ida.id}"`, 1],
    ['/Groups', `members.value eq "${id(1)}"`, 2],
    ['/Groups', `members[value eq "${ida.id}"]`, 1],
    ['/Groups', `members eq "${id(1).toLowerCase()}"`, 0],
    ['/Groups', `id eq "${ward.id}" and members eq "${id(2)}"`, 0],
  ]
  for (const [path, filter, expected] of asked) {
    Object.assign(watch, { queries: [], rows: 0 })
    const { status, body } = await find(path, filter)
    const queries = watch.queries
    expect({ filter, status, total: body.totalResults }).toEqual({
      filter,
      status: 200,
      total: expected,
    })
    expect(watch.rows, filter).toBeLessThan(30)
    for (const query of queries) expect(await readWhole(query), query.sql).toEqual([])
  }
})

test('what no index answers is refused in a house that is too large, and says what to ask for', async () => {
  await addPeople(maxExamined)
  const whole = f.db.read.selectFrom('directory_users').selectAll().where('document', '=', 'x')
  expect(await readWhole(whole.compile())).toHaveLength(1)
  const last = 'title pr or userName eq "u9999@x.example"'
  Object.assign(watch, { queries: [], rows: 0 })
  expect((await find('/Users', last)).body.totalResults).toBe(1)
  // Each part goes on where the one before ended, and passes over nothing that was read.
  const later = watch.queries.filter((query) => query.sql.includes('("created_at", "user_id") >'))
  expect(later.length).toBeGreaterThan(10)
  for (const query of later.slice(0, 3)) expect(await readWhole(query), query.sql).toEqual([])
  await addPeople(many, maxExamined)
  Object.assign(watch, { queries: [], rows: 0 })
  for (const [path, query] of [
    ['/Users', `filter=${encodeURIComponent(last)}`],
    ['/Users', `filter=${encodeURIComponent('not (userName eq "x")')}`],
    ['/Users', 'sortBy=userName'],
  ] as const) {
    const { status, body } = await scim.send('GET', `${path}?${query}`)
    expect({ status, scimType: body.scimType }).toEqual({ status: 400, scimType: 'tooMany' })
    expect(body.detail).toMatch(/10000 .* \/Users by "eq" for one of id, userName, externalId/)
  }
  expect(watch.rows).toBeLessThan(10)
  const all = await scim.send('GET', `/Users?startIndex=${many}&count=1`)
  expect(all.body).toMatchObject({ totalResults: many, itemsPerPage: 1 })
  const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }
  await addGroups(2, 0)
  const both = await scim.send('POST', '/.search', { ...search, startIndex: many, count: 2 })
  expect(both.body.totalResults).toBe(many + 2)
  expect(both.body.Resources.map(({ id: one }: { id: string }) => one)).toEqual([
    all.body.Resources[0].id,
    'Group_0',
  ])
})
test('asking whether somebody is a member does not read the others', async () => {
  await addPeople(2000)
  const members = Array.from({ length: 2000 }, (_, n) => id(n))
  const { id: group } = await scim.createGroup('Everybody', members)
  for (const [filter, expected] of [
    [`id eq "${group}" and members eq "${id(7)}"`, 1],
    [`id eq "${group}" and members[value eq "none"]`, 0],
    [`id eq "${group}" and not (members.value eq "${id(7)}")`, 0],
  ] as const) {
    watch.rows = 0
    const { body } = await find('/Groups', filter, '&excludedAttributes=members')
    expect(body.totalResults).toBe(expected)
    expect(watch.rows).toBeLessThan(10)
  }
  const others = await find('/Groups', `members ne "${id(7)}"`, '&attributes=id')
  expect(others.body.totalResults).toBe(1)
})

test('addresses are found as they are now: changed, closed in case, gone with the user', async () => {
  const emails = (...values: readonly string[]) => values.map((value) => ({ value, type: 'work' }))
  const { id: user } = await scim.createUser('ida', {
    emails: emails('a@x.example', 'A@x.example'),
  })
  const found = async (value: string) =>
    (await find('/Users', `emails.value eq "${value}"`)).body.totalResults
  expect(await found('A@X.example')).toBe(1)
  await scim.patch(`/Users/${user}`, {
    op: 'replace',
    path: 'emails',
    value: emails('b@x.example', 'c@x.example'),
  })
  expect([
    await found('a@x.example'),
    await found('b@x.example'),
    await found('C@x.example'),
  ]).toEqual([0, 1, 1])
  const long = `${'ö'.repeat(300)}@x.example`
  await scim.send('PUT', `/Users/${user}`, {
    schemas: [coreUser],
    userName: 'ida',
    emails: emails(long),
  })
  expect([await found('b@x.example'), await found(long.toUpperCase())]).toEqual([0, 1])
  expect(await found(`${'ö'.repeat(300)}@y.example`)).toBe(0)
  await scim.send('DELETE', `/Users/${user}`)
  expect(await f.db.read.selectFrom('directory_emails').selectAll().execute()).toEqual([])
})

test('a text that no database keeps is refused, in a value and in a filter', async () => {
  const { body } = await scim.send('POST', '/Users', { schemas: [coreUser], userName: 'a\0b' })
  expect(body.scimType).toBe('invalidValue')
  expect((await find('/Users', 'userName eq "a\\u0000b"')).body.scimType).toBe('invalidFilter')
})

const user = {
  id: 'Id1',
  userName: 'ida',
  emails: [{ value: 'a@x.example', type: 'work' }, { value: 'b@x.example' }],
}
const paths = ['id', 'userName', 'emails.value']
const conditions = [
  'id eq "Id1"',
  'id eq "id1"',
  'userName eq "IDA"',
  'userName eq "x"',
  'userName ne "x"',
  'emails eq "A@x.example"',
  'emails.value eq "c"',
  'emails[value eq "b@x.example"]',
  'emails[type eq "work" and value eq "b@x.example"]',
  'emails[not (value eq "c")]',
  'title pr',
  'userName sw "i"',
  'emails[type eq "work"].value eq "a@x.example"',
]
const filters: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...conditions),
    tie('tree').map((one) => `not (${one})`),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((of) => `(${of.join(' and ')})`),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((of) => `(${of.join(' or ')})`),
  ),
})).tree

/** What an index would say: a value at the path is this one. */
const hits = ({ path, value }: Lookup) =>
  matches(filterFor(userType, `${path} eq ${JSON.stringify(value)}`), user)

test('whatever a filter finds is among what one of its lookups finds', () => {
  fc.assert(
    fc.property(filters, (text) => {
      fc.pre(text.length <= 4096)
      const filter = filterFor(userType, text)
      const lookups = lookupsOf(filter, paths)
      const found = matches(filter, user)
      expect(lookups === null || !found || lookups.some(hits)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
