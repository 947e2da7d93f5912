import { afterEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import { lanyardUser, type ScimFixture, scimFixture } from '../../../test/support/directory.ts'

let f: AuthorityFixture
let scim: ScimFixture
afterEach(() => f.dispose())

/** Maria and Tom were loaded before; the directory takes them over by their ids. */
async function ward() {
  f = await authorityFixture({
    people: [staff('maria'), staff('tom', { role: 'physician', enrolmentCode: 'CODE-TOM' })],
  })
  scim = await scimFixture(f, {
    titles: [
      { title: 'RN', role: 'nurse', applications: ['ehr', 'imaging'] },
      { title: 'MD', role: 'physician', applications: ['ehr'] },
    ],
  })
  const user = await scim.createUser('maria', {
    externalId: 'maria',
    title: 'RN',
    name: { givenName: 'Maria', familyName: 'Example' },
  })
  return `/Users/${user.id}`
}
const close = (path: string) => scim.patch(path, { op: 'replace', path: 'active', value: false })
const open = (path: string) => scim.patch(path, { op: 'replace', path: 'active', value: true })

test('closing an account ends its sessions on every seat, and their agents hear it', async () => {
  const path = await ward()
  const key = await f.enrol('maria')
  const session = await f.signIn('maria', key)
  const heard: unknown[] = []
  f.authority.events.subscribe(f.here.workstation.id, (event) => void heard.push(event))
  const { status } = await close(path)
  expect(status).toBe(200)
  expect(f.eventsOf('session.ended')).toMatchObject([
    { actor: 'maria', detail: { reason: 'person-disabled' } },
  ])
  expect(f.revoked).toEqual([session.sessionId])
  await expect
    .poll(() => heard)
    .toMatchObject([
      { type: 'session.ended', sessionId: session.sessionId, reason: 'person-disabled' },
    ])
  expect(f.eventsOf('person.disabled')).toMatchObject([
    { actor: 'maria', detail: { cause: 'inactive', machine: 'directory' } },
  ])
  await expect(f.call('session.activity', { sessionId: session.sessionId })).rejects.toThrow(
    'session-ended',
  )
})

test('a badge of a closed account is refused like any other, and the record says why', async () => {
  const path = await ward()
  await close(path)
  await expect(f.tap('maria')).rejects.toThrow('refused')
  expect(f.eventsOf('badge.refused')).toMatchObject([{ outcome: 4, detail: { cause: 'disabled' } }])
  expect(JSON.stringify(f.eventsOf('badge.refused'))).not.toContain('maria')
  await open(path)
  expect((await f.tap('maria')).outcome).toBe('identified')
})

test('what was begun before the account was closed comes to nothing', async () => {
  const path = await ward()
  const key = await f.enrol('maria')
  const toms = await f.enrol('tom')
  const { ceremony } = await f.tap('maria')
  const tapped = await f.tap('maria')
  const unused = await f.tap('maria')
  const asked = await f.call('fallback.request', {
    tapId: tapped.tapId,
    reason: 'key-lost',
    note: 'left at home',
  })
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  await close(path)
  const start = (one: typeof ceremony) =>
    f.call('session.start', { ceremonyId: one.ceremonyId, response: key.assert(one.options) })
  expect(await start(ceremony)).toMatchObject({ outcome: 'refused' })
  const asking = { tapId: unused.tapId, reason: 'key-lost', note: 'left at home' } as const
  expect(await f.call('fallback.request', asking)).toMatchObject({ outcome: 'refused' })
  const approve = async (by: typeof key) => {
    const { ceremonyId, options } = await f.call('passkey.challenge', {
      purpose: 'witness',
      personId: null,
    })
    const { requestId } = asked
    return f.call('fallback.approve', { requestId, ceremonyId, response: by.assert(options) })
  }
  expect(await approve(toms)).toMatchObject({ outcome: 'refused', reason: 'expired' })
  expect(await approve(key)).toMatchObject({ outcome: 'refused', reason: 'revoked' })
})

test('a person whose account is closed is nobody’s witness and enrols no passkey', async () => {
  f = await authorityFixture()
  scim = await scimFixture(f, {
    titles: [{ title: 'MD', role: 'physician', applications: ['ehr'] }],
  })
  const { id } = await scim.createUser('tom', { externalId: 'tom', title: 'MD' })
  const begun = await f.call('enrolment.begin', { code: 'CODE-TOM', sessionId: null })
  expect(begun.outcome).toBe('begun')
  await close(`/Users/${id}`)
  expect(await f.call('enrolment.begin', { code: 'CODE-TOM', sessionId: null })).toMatchObject({
    outcome: 'refused',
    reason: 'code-invalid',
  })
  const codes = await f.db.read
    .selectFrom('enrolment_codes')
    .selectAll()
    .where('person_id', '=', 'tom')
    .execute()
  expect(codes).toMatchObject([{ used_at: f.now() }])
  const enrolments = await f.db.read.selectFrom('enrolments').selectAll().execute()
  expect(enrolments).toMatchObject([{ used_at: f.now() }])
})

test('badge and passkey stay, and work again when the account is opened', async () => {
  const path = await ward()
  const key = await f.enrol('maria')
  await f.signIn('maria', key)
  await close(path)
  f.advance(60_000)
  await open(path)
  expect(f.eventsOf('person.enabled')).toMatchObject([
    { actor: 'maria', detail: { machine: 'directory' } },
  ])
  const session = await f.signIn('maria', key, otherWorkstation)
  expect(session.person.role).toBe('nurse')
  expect(await close(path)).toMatchObject({ status: 200 })
  expect(f.eventsOf('session.ended')).toHaveLength(2)
})

test('closing is done once, and deleting what is closed already changes nothing more', async () => {
  const path = await ward()
  await close(path)
  await close(path)
  await scim.send('DELETE', path)
  expect(f.eventsOf('person.disabled')).toHaveLength(1)
  expect(
    await f.db.read
      .selectFrom('people')
      .select('person_id')
      .where('person_id', '=', 'maria')
      .execute(),
  ).toHaveLength(1)
})

test('who loses a role or an application loses their sessions; who gains keeps them', async () => {
  const path = await ward()
  const key = await f.enrol('maria')
  const patch = (title: string) => scim.patch(path, { op: 'replace', path: 'title', value: title })
  await f.signIn('maria', key)
  await scim.configure({
    titles: [
      { title: 'RN', role: 'nurse', applications: ['ehr', 'imaging', 'lab'] },
      { title: 'MD', role: 'physician', applications: ['ehr'] },
    ] as never,
  })
  expect(f.eventsOf('person.changed').at(-1)).toMatchObject({
    detail: { machine: 'configuration', changed: 'applications' },
  })
  expect(f.eventsOf('session.ended')).toEqual([])
  await patch('MD')
  expect(f.eventsOf('session.ended')).toMatchObject([{ detail: { reason: 'revoked' } }])
  await f.signIn('maria', key)
  await patch('porter')
  expect(f.eventsOf('session.ended').at(-1)).toMatchObject({
    detail: { reason: 'person-disabled' },
  })
  expect(f.eventsOf('person.disabled').at(-1)).toMatchObject({ detail: { cause: 'no-role' } })
})

test('badges of the directory: kept as tags, given with the role, taken away, never told', async () => {
  f = await authorityFixture({ people: [staff('tom')] })
  scim = await scimFixture(f, { titles: [{ title: 'RN', role: 'nurse' }] })
  const number = '1603'
  const user = await scim.createUser('ida', {
    [lanyardUser]: {
      badges: [
        { format: 'H10301', facility: '118', number },
        { value: 'WIEGAND|H10301|26|7|4711' },
      ],
    },
  })
  const path = `/Users/${user.id}`
  expect(
    JSON.stringify((await scim.send('GET', `${path}?attributes=${lanyardUser}:badges`)).body),
  ).not.toContain('badges')
  let taps = 0
  const tap = (badge: string) =>
    f.call('tap.identify', {
      tapId: String(taps++),
      badge,
      reader: 'r',
      purpose: 'sign-in',
    })
  const first = 'WIEGAND|H10301|26|118|1603'
  expect((await tap(first)).outcome).toBe('refused')
  await scim.patch(path, { op: 'add', path: 'title', value: 'RN' })
  expect((await tap(first)).outcome).toBe('identified')
  expect((await tap('WIEGAND|H10301|26|7|4711')).outcome).toBe('identified')
  // A PUT cannot know them, so it takes none away.
  await scim.send('PUT', path, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ida',
    title: 'RN',
  })
  expect((await tap(first)).outcome).toBe('identified')
  await scim.patch(path, {
    op: 'Replace',
    path: `${lanyardUser}:badges`,
    value: 'WIEGAND|H10301|26|7|4711',
  })
  expect((await tap(first)).outcome).toBe('refused')
  expect(f.eventsOf('badge.detached')).toMatchObject([{ detail: { because: 'directory' } }])
  await scim.patch(path, { op: 'add', path: `${lanyardUser}:badges`, value: [first] })
  expect((await tap(first)).outcome).toBe('identified')
  const tables = ['directory_users', 'directory_badges', 'badges', 'people'] as const
  for (const table of tables)
    expect(JSON.stringify(await f.db.read.selectFrom(table).selectAll().execute())).not.toMatch(
      /1603|4711/,
    )
  expect(JSON.stringify(f.records)).not.toMatch(/1603|4711/)
})

test('every change is recorded with the machine that made it, and with nothing about the person', async () => {
  f = await authorityFixture({ people: [] })
  scim = await scimFixture(f, { groups: [{ group: 'Nurses', role: 'nurse' }] })
  const { id } = await scim.createUser('ida.secretname', {
    name: { givenName: 'Idaname', familyName: 'Secretname' },
    title: 'Secrettitle',
  })
  const group = await scim.createGroup('Nurses', [id])
  await scim.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Secrettitle2' })
  await scim.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Secrettitle2' })
  await scim.send('DELETE', `/Groups/${group.id}`)
  await scim.send('DELETE', `/Users/${id}`)
  const changes = f
    .eventsOf('directory.changed')
    .map(
      ({ detail }) =>
        `${String(detail['resource'])} ${String(detail['change'])} by ${String(detail['machine'])}`,
    )
  expect(changes).toEqual(
    ['user created', 'group created', 'user patched', 'group deleted', 'user deleted'].map(
      (one) => `${one} by directory`,
    ),
  )
  expect(JSON.stringify(f.records)).not.toMatch(/secret|idaname/i)
})

test('a log that takes no record leaves everything as it was', async () => {
  f = await authorityFixture({ people: [] })
  scim = await scimFixture(f, { titles: [{ title: 'RN', role: 'nurse' }] })
  f.records.push = () => {
    throw new Error('full')
  }
  const answer = await scim.send('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ida',
    title: 'RN',
  })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
  expect(await f.db.read.selectFrom('directory_users').selectAll().execute()).toEqual([])
})
