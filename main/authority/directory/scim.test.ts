import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import {
  coreGroup,
  coreUser,
  lanyardUser,
  patchOp,
  type ScimFixture,
  scimFixture,
} from '../../../test/support/directory.ts'

let f: AuthorityFixture
let scim: ScimFixture
beforeEach(async () => {
  f = await authorityFixture()
  scim = await scimFixture(f)
})
afterEach(() => f.dispose())

const jensen = {
  schemas: [coreUser],
  userName: 'bjensen',
  externalId: 'bjensen',
  name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.example', type: 'home' },
  ],
}

test('RFC 7644, 3.3: a user is created, told whole, and found where the answer says', async () => {
  const created = await scim.send('POST', '/Users', jensen)
  expect(created.status).toBe(201)
  expect(created.headers.get('content-type')).toBe('application/scim+json; charset=utf-8')
  expect(created.body).toMatchObject({
    ...jensen,
    active: true,
    meta: { resourceType: 'User', version: 'W/"1"', created: '2026-01-05T07:00:00.000Z' },
  })
  const { id, meta } = created.body
  expect(created.headers.get('location')).toBe(meta.location)
  expect(created.headers.get('etag')).toBe('W/"1"')
  expect(meta.location).toMatch(new RegExp(`/scim/v2/Users/${id}$`))
  expect((await scim.send('GET', `/Users/${id}`)).body).toEqual(created.body)
})

const one = { schemas: [coreUser], userName: 'x' }
test.each<[string, string, string, unknown, number, string | null]>([
  ['nobody', 'GET', '/Users/none', undefined, 404, null],
  ['no group', 'DELETE', '/Groups/none', undefined, 404, null],
  ['no endpoint', 'GET', '/Printers', undefined, 404, null],
  ['bulk', 'POST', '/Bulk', {}, 501, null],
  ['oneself', 'GET', '/Me', undefined, 501, null],
  ['a method that is not there', 'PUT', '/Users', {}, 405, null],
  ['no JSON', 'POST', '/Users', '{', 400, 'invalidSyntax'],
  ['a list', 'POST', '/Users', [], 400, 'invalidSyntax'],
  ['no schemas', 'POST', '/Users', { userName: 'x' }, 400, 'invalidSyntax'],
  [
    'the schema of others',
    'POST',
    '/Users',
    { ...one, schemas: [coreGroup] },
    400,
    'invalidSyntax',
  ],
  ['no userName', 'POST', '/Users', { schemas: [coreUser] }, 400, 'invalidValue'],
  ['an empty userName', 'POST', '/Users', { ...one, userName: ' ' }, 400, 'invalidValue'],
  ['a number for a string', 'POST', '/Users', { ...one, userName: 5 }, 400, 'invalidValue'],
  ['a word for a boolean', 'POST', '/Users', { ...one, active: 'maybe' }, 400, 'invalidValue'],
  ['a string for an object', 'POST', '/Users', { ...one, name: 'Maria' }, 400, 'invalidValue'],
  [
    'two primary values',
    'POST',
    '/Users',
    {
      ...one,
      emails: [
        { value: 'a', primary: true },
        { value: 'b', primary: true },
      ],
    },
    400,
    'invalidValue',
  ],
  [
    'a string without end',
    'POST',
    '/Users',
    { ...one, title: 'x'.repeat(1025) },
    400,
    'invalidValue',
  ],
  ['a group without a name', 'POST', '/Groups', { schemas: [coreGroup] }, 400, 'invalidValue'],
  [
    'a member that is nobody',
    'POST',
    '/Groups',
    { schemas: [coreGroup], displayName: 'a', members: [{ value: 'none' }] },
    400,
    'invalidValue',
  ],
  [
    'a group in a group',
    'POST',
    '/Groups',
    { schemas: [coreGroup], displayName: 'a', members: [{ value: 'g', type: 'Group' }] },
    400,
    'invalidValue',
  ],
  ['a broken filter', 'GET', '/Users?filter=userName%20eq', undefined, 400, 'invalidFilter'],
  ['a filter of nothing', 'GET', '/Users?filter=', undefined, 400, 'invalidFilter'],
  [
    'a filter by what is not there',
    'GET',
    '/Users?filter=shoeSize%20eq%20%229%22',
    undefined,
    400,
    'invalidFilter',
  ],
  [
    'a filter by what is not kept',
    'GET',
    '/Users?filter=nickName%20pr',
    undefined,
    400,
    'invalidFilter',
  ],
  [
    'a filter by what is never told',
    'GET',
    `/Users?filter=${lanyardUser}:badges%20pr`,
    undefined,
    400,
    'invalidFilter',
  ],
  ['a count that is none', 'GET', '/Users?count=many', undefined, 400, 'invalidValue'],
  ['an order that is none', 'GET', '/Users?sortOrder=random', undefined, 400, 'invalidValue'],
  ['sorting by nothing', 'GET', '/Users?sortBy=shoeSize', undefined, 400, 'invalidPath'],
  [
    'both projections',
    'GET',
    '/Users?attributes=id&excludedAttributes=name',
    undefined,
    400,
    'invalidValue',
  ],
  ['a search that is none', 'POST', '/Users/.search', {}, 400, 'invalidValue'],
])('%s: %s %s', async (_what, method, path, body, status, scimType) => {
  const answer = await scim.send(method, path, body)
  expect(answer.status).toBe(status)
  expect(answer.body).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
  })
  expect(answer.body.scimType ?? null).toBe(scimType)
  expect(answer.body.detail).not.toBe('')
})

test.each<[string, object, number, string]>([
  ['an op of its own', { op: 'move', path: 'title', value: 'x' }, 400, 'invalidSyntax'],
  ['remove from nowhere', { op: 'remove' }, 400, 'noTarget'],
  ['a path that is none', { op: 'add', path: 'a b', value: 'x' }, 400, 'invalidPath'],
  ['a path to nothing', { op: 'add', path: 'shoeSize', value: '9' }, 400, 'invalidPath'],
  [
    'brackets after one value',
    { op: 'add', path: 'name[givenName eq "a"]', value: {} },
    400,
    'invalidPath',
  ],
  ['a broken filter', { op: 'remove', path: 'emails[type eq]' }, 400, 'invalidFilter'],
  [
    'what does not match and cannot be made',
    { op: 'replace', path: 'emails[type ne "work"].value', value: 'a' },
    400,
    'noTarget',
  ],
  ['the id', { op: 'replace', path: 'id', value: 'x' }, 400, 'mutability'],
  ['groups of a user', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, 400, 'mutability'],
  ['userName away', { op: 'remove', path: 'userName' }, 400, 'mutability'],
  ['active away', { op: 'remove', path: 'active' }, 400, 'mutability'],
  ['no value', { op: 'add', path: 'title' }, 400, 'invalidValue'],
  [
    'a value of another type',
    { op: 'replace', path: 'active', value: 'perhaps' },
    400,
    'invalidValue',
  ],
  ['a value that is no object', { op: 'add', value: 'x' }, 400, 'invalidValue'],
  [
    'a part of a badge',
    { op: 'add', path: `${lanyardUser}:badges.value`, value: 'x' },
    400,
    'invalidPath',
  ],
  [
    'a badge that is none',
    { op: 'add', path: `${lanyardUser}:badges`, value: 'x' },
    400,
    'invalidValue',
  ],
])(
  'PATCH %s is refused, and nothing of the request was done',
  async (_what, operation, status, scimType) => {
    const before = await scim.createUser('maria', {
      title: 'RN',
      emails: [{ value: 'm@x.example', type: 'work' }],
    })
    const answer = await scim.patch(
      `/Users/${before.id}`,
      { op: 'replace', path: 'title', value: 'other' },
      operation,
    )
    expect(answer.status).toBe(status)
    expect(answer.body.scimType).toBe(scimType)
    expect((await scim.send('GET', `/Users/${before.id}`)).body).toEqual(before)
  },
)

test.each([
  ['no schema', { Operations: [{ op: 'add', path: 'title', value: 'x' }] }, 400],
  ['no operation', { schemas: [patchOp], Operations: [] }, 400],
  ['operations that are none', { schemas: [patchOp], Operations: [1] }, 400],
  [
    'too many',
    {
      schemas: [patchOp],
      Operations: Array.from({ length: 101 }, () => ({ op: 'add', path: 'title', value: 'x' })),
    },
    413,
  ],
])('a PATCH with %s is refused', async (_what, body, status) => {
  const { id } = await scim.createUser('maria')
  expect((await scim.send('PATCH', `/Users/${id}`, body)).status).toBe(status)
})

test('a userName is unique in any case, an externalId as it is written', async () => {
  await scim.createUser('Maria@Hospital.example', { externalId: 'E1' })
  for (const again of [
    { userName: 'maria@hospital.EXAMPLE' },
    { userName: 'tom', externalId: 'E1' },
  ]) {
    const answer = await scim.send('POST', '/Users', { schemas: [coreUser], ...again })
    expect(answer.status).toBe(409)
    expect(answer.body.scimType).toBe('uniqueness')
  }
  const tom = await scim.createUser('tom', { externalId: 'e1' })
  const taken = await scim.patch(`/Users/${tom.id}`, {
    op: 'replace',
    path: 'userName',
    value: 'MARIA@hospital.example',
  })
  expect(taken.status).toBe(409)
})

test('PUT replaces what it may, and neither opens a closed account nor changes an id', async () => {
  const { id } = await scim
    .send('POST', '/Users', { ...jensen, active: false })
    .then(({ body }) => body)
  const put = await scim.send('PUT', `/Users/${id}`, {
    schemas: [coreUser],
    id: 'other',
    userName: 'barbara',
    meta: { version: 'W/"9"' },
    groups: [{ value: 'admins' }],
  })
  expect(put.status).toBe(200)
  expect(put.body).toEqual({
    schemas: [coreUser],
    id,
    userName: 'barbara',
    active: false,
    meta: { ...put.body.meta, version: 'W/"2"' },
  })
})

test('ETags: a change of what has changed meanwhile is refused, and reading again is spared', async () => {
  const { id } = await scim.createUser('maria')
  const path = `/Users/${id}`
  const body = { schemas: [patchOp], Operations: [{ op: 'add', path: 'title', value: 'RN' }] }
  expect((await scim.send('PATCH', path, body, { 'if-match': 'W/"7"' })).status).toBe(412)
  const changed = await scim.send('PATCH', path, body, { 'if-match': 'W/"1"' })
  expect(changed.headers.get('etag')).toBe('W/"2"')
  expect((await scim.send('PATCH', path, body, { 'if-match': '"2"' })).headers.get('etag')).toBe(
    'W/"2"',
  )
  expect((await scim.send('DELETE', path, undefined, { 'if-match': 'W/"1"' })).status).toBe(412)
  expect(
    (await scim.send('PUT', path, { schemas: [coreUser], userName: 'a' }, { 'if-match': 'W/"1"' }))
      .status,
  ).toBe(412)
  expect(
    (await scim.send('GET', path, undefined, { 'if-none-match': 'W/"1", W/"2"' })).status,
  ).toBe(304)
  expect((await scim.send('GET', path, undefined, { 'if-none-match': 'W/"1"' })).status).toBe(200)
  expect((await scim.send('DELETE', path, undefined, { 'if-match': '*' })).status).toBe(204)
})

test('what was deleted is not there any more, and its userName is free', async () => {
  const { id } = await scim.createUser('maria')
  const group = await scim.createGroup('Ward', [id])
  expect((await scim.send('DELETE', `/Users/${id}`)).status).toBe(204)
  for (const [method, path] of [
    ['GET', `/Users/${id}`],
    ['DELETE', `/Users/${id}`],
  ] as const)
    expect((await scim.send(method, path)).status).toBe(404)
  expect((await scim.send('GET', '/Users')).body.totalResults).toBe(0)
  expect((await scim.send('GET', `/Groups/${group.id}`)).body.members).toBeUndefined()
  expect((await scim.createUser('maria')).id).not.toBe(id)
})

test('attributes that are known and not kept are accepted and forgotten', async () => {
  const sent = {
    password: 'secret-word',
    nickName: 'Mia',
    phoneNumbers: [{ value: '1', type: 'work' }],
    shoeSize: 9,
  }
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  const { id } = await scim.createUser('maria', { ...sent, [enterprise]: { department: 'ICU' } })
  const patched = await scim.patch(
    `/Users/${id}`,
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '2' },
    { op: 'Add', path: `${enterprise}:department`, value: 'ER' },
    { op: 'Replace', value: { nickName: 'M', shoeSize: 8, id: 'other', displayName: 'Maria' } },
  )
  expect(patched.body).toEqual({
    schemas: [coreUser],
    id,
    userName: 'maria',
    active: true,
    displayName: 'Maria',
    meta: patched.body.meta,
  })
  const stored = JSON.stringify(await f.db.read.selectFrom('directory_users').selectAll().execute())
  expect(stored).not.toMatch(/secret-word|ICU/)
})

test('answers show what was asked for', async () => {
  const { id } = await scim.send('POST', '/Users', jensen).then(({ body }) => body)
  const get = async (query: string) => (await scim.send('GET', `/Users/${id}?${query}`)).body
  expect(await get('attributes=userName')).toEqual({ schemas: [coreUser], id, userName: 'bjensen' })
  expect(await get(`attributes=name.givenName,${coreUser}:NAME.familyName,emails.value`)).toEqual({
    schemas: [coreUser],
    id,
    name: { givenName: 'Barbara', familyName: 'Jensen' },
    emails: [{ value: 'bjensen@example.com' }, { value: 'babs@jensen.example' }],
  })
  const without = await get('excludedAttributes=id,emails.type,name,meta')
  expect(without).toEqual({
    schemas: [coreUser],
    id,
    externalId: 'bjensen',
    userName: 'bjensen',
    active: true,
    emails: [{ value: 'bjensen@example.com', primary: true }, { value: 'babs@jensen.example' }],
  })
  expect(await get('attributes=nothing')).toEqual({ schemas: [coreUser], id })
})

test('lists come in pages, in an order, and by search', async () => {
  for (const [index, name] of ['dana', 'Bob', 'alice', 'Carol'].entries()) {
    f.advance(1)
    await scim.createUser(name, index === 0 ? {} : { title: `T${index % 2}` })
  }
  const names = ({ body }: { body: { Resources?: { userName: string }[] } }) =>
    body.Resources?.map(({ userName }) => userName)
  const get = (query: string) => scim.send('GET', `/Users?${query}`)
  expect(names(await get('startIndex=2&count=2'))).toEqual(['Bob', 'alice'])
  expect((await get('startIndex=2&count=2')).body).toMatchObject({
    totalResults: 4,
    startIndex: 2,
    itemsPerPage: 2,
  })
  expect(names(await get('startIndex=-3&count=1'))).toEqual(['dana'])
  expect((await get('count=0')).body).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 4,
    startIndex: 1,
    itemsPerPage: 0,
  })
  expect((await get('count=-1')).body.totalResults).toBe(4)
  expect(names(await get('startIndex=9'))).toEqual([])
  expect(names(await get('sortBy=userName'))).toEqual(['alice', 'Bob', 'Carol', 'dana'])
  expect(names(await get('sortBy=userName&sortOrder=descending&count=2'))).toEqual([
    'dana',
    'Carol',
  ])
  expect(names(await get('sortBy=title'))).toEqual(['alice', 'Bob', 'Carol', 'dana'])
  const filtered = await get(
    `filter=${encodeURIComponent('title sw "T" and not (userName eq "BOB")')}&count=1&startIndex=2`,
  )
  expect(names(filtered)).toEqual(['Carol'])
  expect(filtered.body.totalResults).toBe(2)
  await scim.createGroup('Ward')
  const search = (path: string, more: object) =>
    scim.send('POST', path, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      ...more,
    })
  expect(
    names(await search('/Users/.search', { filter: 'userName co "AR"', attributes: ['userName'] })),
  ).toEqual(['Carol'])
  expect((await search('/.search', {})).body.totalResults).toBe(5)
  expect(
    (await search('/.search', { filter: 'displayName eq "ward" or meta.resourceType eq "Group"' }))
      .body.Resources,
  ).toMatchObject([{ displayName: 'Ward' }])
  expect((await search('/.search', { filter: 'userName pr', count: 1 })).body).toMatchObject({
    totalResults: 4,
    itemsPerPage: 1,
  })
  expect((await search('/.search', { filter: 'shoeSize pr' })).status).toBe(400)
})

test('the service tells what it can do, and nobody without a token', async () => {
  const config = (await scim.send('GET', '/ServiceProviderConfig')).body
  expect(config).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
    filter: { supported: true, maxResults: 1000 },
    sort: { supported: true },
    etag: { supported: true },
    changePassword: { supported: false },
    authenticationSchemes: [{ type: 'oauthbearertoken' }],
  })
  const types = (await scim.send('GET', '/ResourceTypes')).body
  expect(types.Resources.map(({ id }: { id: string }) => id)).toEqual(['User', 'Group'])
  expect((await scim.send('GET', '/ResourceTypes/User')).body).toMatchObject({
    endpoint: '/Users',
    schema: coreUser,
    schemaExtensions: [{ schema: lanyardUser, required: false }],
  })
  const schemas = (await scim.send('GET', '/Schemas')).body.Resources
  expect(schemas.map(({ id }: { id: string }) => id)).toEqual([coreUser, lanyardUser, coreGroup])
  const user = (await scim.send('GET', `/Schemas/${coreUser}`)).body
  expect(user.attributes.find(({ name }: { name: string }) => name === 'userName')).toMatchObject({
    type: 'string',
    multiValued: false,
    required: true,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'server',
  })
  const badges = (await scim.send('GET', `/Schemas/${lanyardUser}`)).body.attributes[0]
  expect(badges).toMatchObject({ name: 'badges', mutability: 'writeOnly', returned: 'never' })
  for (const path of ['/ResourceTypes/Printer', '/Schemas/urn:none'])
    expect((await scim.send('GET', path)).status).toBe(404)
  const refused = await scim.send('GET', '/ServiceProviderConfig', undefined, { authorization: '' })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toContain('Bearer')
  expect(refused.body.status).toBe('401')
})

test('a body of another type, or a large one, is not read', async () => {
  const send = (body: string, headers = {}) => scim.send('POST', '/Users', body, headers)
  expect((await send('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(
    415,
  )
  expect((await send(JSON.stringify({ ...one, title: 'x'.repeat(1024 * 1024) }))).status).toBe(413)
  expect(
    (await send(JSON.stringify(one), { 'content-type': 'application/json; charset=utf-8' })).status,
  ).toBe(201)
})
