import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'
import {
  base,
  coreGroup,
  coreUser,
  lanyardUser,
  type ScimFixture,
  scimFixture,
} from '../../../test/support/directory.ts'

/*
 * What Entra and Okta send, after their own descriptions: Microsoft's "Develop and plan provisioning
 * for a SCIM endpoint", Okta's "SCIM 2.0 protocol reference". Names and numbers are invented.
 */

let f: AuthorityFixture
let scim: ScimFixture
beforeEach(async () => {
  f = await authorityFixture({ people: [] })
  scim = await scimFixture(f, {
    groups: [
      { group: 'Ward nurses', role: 'nurse', applications: ['ehr'] },
      { group: 'Imaging', applications: ['imaging'] },
    ],
  })
})
afterEach(() => f.dispose())
const people = () => f.db.read.selectFrom('people').selectAll().execute()
const person = async () => (await people())[0]
const filter = (text: string) => encodeURIComponent(text)

test('Entra: asks, creates, changes, fills a group, takes out, disables, deletes', async () => {
  // Its test of the connection asks for somebody who cannot be there.
  const probe = await scim.send(
    'GET',
    `/Users?filter=${filter('userName eq "3d9d9fd0-non-existent"')}`,
  )
  expect(probe.body).toMatchObject({ totalResults: 0, Resources: [] })

  const objectId = '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef'
  const created = await scim.send('POST', '/Users', {
    schemas: [coreUser, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
    externalId: objectId,
    userName: 'Ida.Example@hospital.example',
    active: true,
    displayName: 'Ida Example',
    emails: [{ primary: true, type: 'work', value: 'ida@hospital.example' }],
    meta: { resourceType: 'User' },
    name: { formatted: 'Ida Example', familyName: 'Example', givenName: 'Ida' },
    roles: [],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Ward 3' },
  })
  expect(created.status).toBe(201)
  const user = `/Users/${created.body.id}`
  expect(await people()).toEqual([])

  for (const match of [
    'userName eq "ida.example@HOSPITAL.example"',
    `externalId eq "${objectId}"`,
    'emails[type eq "work"].value eq "ida@hospital.example"',
    'emails[type eq "work"] eq "IDA@hospital.example"',
  ])
    expect((await scim.send('GET', `/Users?filter=${filter(match)}`)).body.Resources).toMatchObject(
      [{ id: created.body.id }],
    )

  const changed = await scim.patch(
    user,
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ida.new@hospital.example' },
    { op: 'Replace', path: 'name.familyName', value: 'Sample' },
    { op: 'Add', path: 'emails[type eq "home"].value', value: 'ida@home.example' },
    { op: 'Add', path: 'roles[primary eq "True"].value', value: 'staff' },
    { op: 'Add', path: 'title', value: 'RN' },
  )
  expect(changed.status).toBe(200)
  expect(changed.body).toMatchObject({
    name: { familyName: 'Sample', givenName: 'Ida' },
    emails: [
      { primary: true, type: 'work', value: 'ida.new@hospital.example' },
      { type: 'home', value: 'ida@home.example' },
    ],
    roles: [{ primary: true, value: 'staff' }],
    title: 'RN',
  })

  const group = await scim.send('POST', '/Groups', {
    schemas: [
      coreGroup,
      'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
    ],
    externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
    displayName: 'Ward nurses',
    meta: { resourceType: 'Group' },
  })
  const path = `/Groups/${group.body.id}`
  const lookUp = `/Groups?excludedAttributes=members&filter=${filter('displayName eq "Ward nurses"')}`
  expect((await scim.send('GET', lookUp)).body.Resources).toMatchObject([{ id: group.body.id }])
  const added = await scim.patch(path, {
    op: 'Add',
    path: 'members',
    value: [{ $ref: null, value: created.body.id }],
  })
  expect(added.body.members).toMatchObject([{ value: created.body.id, type: 'User' }])
  expect(await people()).toMatchObject([
    {
      person_id: objectId,
      given: 'Ida',
      family: 'Sample',
      role: 'nurse',
      applications: '["ehr"]',
      disabled_at: null,
    },
  ])
  expect((await scim.send('GET', user)).body.groups).toEqual([
    { value: group.body.id, $ref: `${base}${path}`, display: 'Ward nurses', type: 'direct' },
  ])
  const isMember = `id eq "${group.body.id}" and members eq "${created.body.id}"`
  expect(
    (await scim.send('GET', `/Groups?attributes=id&filter=${filter(isMember)}`)).body.totalResults,
  ).toBe(1)

  await scim.patch(path, {
    op: 'Remove',
    path: 'members',
    value: [{ $ref: null, value: created.body.id }],
  })
  expect((await person())?.disabled_at).toBe(f.now())
  await scim.patch(path, { op: 'Add', path: 'members', value: [{ value: created.body.id }] })
  expect((await person())?.disabled_at).toBe(null)

  const disabled = await scim.patch(user, { op: 'Replace', path: 'active', value: 'False' })
  expect(disabled.body.active).toBe(false)
  expect((await person())?.disabled_at).toBe(f.now())
  await scim.patch(user, {
    op: 'Replace',
    value: { active: 'True', 'name.givenName': 'Ada', [`${lanyardUser}:badges`]: [] },
  })
  expect(await person()).toMatchObject({ disabled_at: null, given: 'Ada' })

  expect((await scim.send('DELETE', user)).status).toBe(204)
  expect((await person())?.disabled_at).toBe(f.now())
  // Assigned to the application again: the same person, under a new id of SCIM.
  const again = await scim.send('POST', '/Users', {
    schemas: [coreUser],
    externalId: objectId,
    userName: 'Ida.Example@hospital.example',
    name: { familyName: 'Example', givenName: 'Ida' },
  })
  await scim.patch(path, { op: 'Add', path: 'members', value: [{ value: again.body.id }] })
  expect(again.body.id).not.toBe(created.body.id)
  expect(await people()).toMatchObject([
    { person_id: objectId, disabled_at: null, family: 'Example' },
  ])
})

test('Okta: asks, creates, replaces, deactivates by a PATCH without path, pushes groups', async () => {
  const lookUp = `/Users?filter=${filter('userName eq "test.user@okta.example"')}&startIndex=1&count=100`
  expect((await scim.send('GET', lookUp)).body).toMatchObject({
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  })
  const sent = {
    schemas: [coreUser],
    userName: 'test.user@okta.example',
    name: { givenName: 'Test', familyName: 'User' },
    emails: [{ primary: true, value: 'test.user@okta.example', type: 'work' }],
    displayName: 'Test User',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  }
  const created = await scim.send('POST', '/Users', sent)
  const { id } = created.body
  expect(created.body.password).toBeUndefined()

  const put = await scim.send('PUT', `/Users/${id}`, {
    ...sent,
    id,
    name: { givenName: 'Another', familyName: 'User' },
    meta: { resourceType: 'User' },
  })
  expect(put.body).toMatchObject({ id, name: { givenName: 'Another' }, active: true })

  const pushed = await scim.send('POST', '/Groups', {
    schemas: [coreGroup],
    displayName: 'Ward nurses',
    members: [{ value: id, display: 'test.user@okta.example' }],
  })
  expect(pushed.status).toBe(201)
  const path = `/Groups/${pushed.body.id}`
  expect(await person()).toMatchObject({ given: 'Another', role: 'nurse' })
  // Not a UUID: what an externalId says of people does not become the id in the record.
  expect((await person())?.person_id).not.toBe(sent.externalId)

  const renamed = await scim.patch(path, {
    op: 'replace',
    value: { id: pushed.body.id, displayName: 'Ward nurses (all)' },
  })
  expect(renamed.body).toMatchObject({ displayName: 'Ward nurses (all)', members: [{ value: id }] })
  expect((await person())?.disabled_at).toBe(f.now())
  await scim.patch(path, {
    op: 'replace',
    value: { id: pushed.body.id, displayName: 'Ward nurses' },
  })

  await scim.patch(path, { op: 'remove', path: `members[value eq "${id}"]` })
  expect((await scim.send('GET', path)).body.members).toBeUndefined()
  await scim.patch(path, { op: 'replace', path: 'members', value: [{ value: id, display: 'x' }] })
  expect((await scim.send('GET', path)).body.members).toHaveLength(1)
  await scim.patch(path, { op: 'replace', path: 'members', value: [] })
  expect((await scim.send('GET', path)).body.members).toBeUndefined()
  await scim.patch(path, { op: 'add', path: 'members', value: [{ value: id }] })

  expect(
    (await scim.patch(`/Users/${id}`, { op: 'replace', value: { active: false } })).body.active,
  ).toBe(false)
  expect((await person())?.disabled_at).toBe(f.now())
  expect(
    (await scim.patch(`/Users/${id}`, { op: 'replace', value: { active: true } })).body.active,
  ).toBe(true)
  expect((await person())?.disabled_at).toBe(null)
  expect((await scim.send('DELETE', path)).status).toBe(204)
  expect((await person())?.disabled_at).toBe(f.now())
})

test('a directory of a hundred people fills and empties a group in two requests', async () => {
  const ids: string[] = []
  for (let n = 0; n < 100; n++) ids.push((await scim.createUser(`user${n}`, { active: n > 0 })).id)
  const { id } = await scim.createGroup('Ward nurses', ids)
  expect((await people()).length).toBe(99)
  const { body } = await scim.patch(`/Groups/${id}`, { op: 'remove', path: 'members' })
  expect(body.members).toBeUndefined()
  expect((await people()).every(({ disabled_at }) => disabled_at !== null)).toBe(true)
})
