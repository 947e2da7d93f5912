import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture, staff } from '../../../test/support/authority.ts'
import { type ScimFixture, scimFixture } from '../../../test/support/directory.ts'
import { createPasskey, type SoftwarePasskey } from '../../../test/support/passkey.ts'
import { addCodeCommands } from '../../cli/authority-code.ts'
import type { Services } from '../services.ts'

let f: AuthorityFixture
let scim: ScimFixture
beforeEach(async () => {
  f = await authorityFixture({ people: [staff('maria', { enrolmentCode: null })] })
  scim = await scimFixture(f, {
    titles: [{ title: 'Nurse', role: 'nurse', applications: ['ehr'] }],
  })
})
afterEach(() => f.dispose())

interface Said {
  readonly person: string
  readonly code: string
  readonly expiresAt: string
  readonly revoked: number
}

async function issue(...args: readonly string[]): Promise<Said> {
  const out: string[] = []
  const authority = new Command('authority').exitOverride()
  const output = { out: (text: string) => void out.push(text), err: () => {} }
  const services = { ...scim.options, policy: f.policy } as unknown as Services
  addCodeCommands({ authority, output, finish: () => {} }, (_config, work) =>
    work({ services, endSession: scim.options.endSession }),
  )
  await authority.parseAsync(['code', 'issue', ...args], { from: 'user' })
  return JSON.parse(out.join('')) as Said
}
const begin = (code: string) => f.call('enrolment.begin', { code, sessionId: null })
async function enrolBy(code: string, key = createPasskey({ rpId: 'lanyard.example' })) {
  const begun = await begin(code)
  if (begun.outcome !== 'begun') throw new Error(begun.reason)
  const { enrolmentId, options } = begun
  const finish = { enrolmentId, response: key.register(options), name: 'Key' }
  return { outcome: (await f.call('enrolment.finish', finish)).outcome, key }
}
const open = () =>
  f.db.read.selectFrom('sessions').select('person_id').where('ended_at', 'is', null).execute()

test('a code enrols one passkey, once, and is kept as a hash only', async () => {
  const { person, code, expiresAt, revoked } = await issue('maria')
  expect({ person, revoked }).toEqual({ person: 'maria', revoked: 0 })
  expect(Date.parse(expiresAt)).toBe(f.now() + f.policy['enrolment.codeLife'])
  // 16 of 32 digits are 80 bits.
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
  const rows = await f.db.read.selectFrom('enrolment_codes').selectAll().execute()
  const kept = JSON.stringify([rows, f.records])
  expect(kept).not.toContain(code)
  expect(kept).not.toContain(code.replaceAll('-', ''))
  expect(f.records.at(-1)).toMatchObject({
    event: 'enrolment.code-issued',
    actor: 'maria',
    detail: { by: expect.stringMatching(/./), expiresAt: f.now() + f.policy['enrolment.codeLife'] },
  })
  expect((await enrolBy(code.toLowerCase())).outcome).toBe('enrolled')
  expect(await begin(code)).toMatchObject({ reason: 'code-invalid' })
})

test('no two codes are alike, and the one before is void, what was begun with it as well', async () => {
  const first = await issue('maria')
  const begun = await begin(first.code)
  if (begun.outcome !== 'begun') throw new Error(begun.reason)
  const second = await issue('maria')
  expect(second.code).not.toBe(first.code)
  const response = createPasskey({ rpId: 'lanyard.example' }).register(begun.options)
  const finish = { enrolmentId: begun.enrolmentId, response, name: 'Key' }
  expect(await f.call('enrolment.finish', finish)).toMatchObject({ reason: 'expired' })
  expect(await begin(first.code)).toMatchObject({ reason: 'code-invalid' })
  expect((await enrolBy(second.code)).outcome).toBe('enrolled')
})

test('ends with its time', async () => {
  const { code } = await issue('maria')
  f.advance(f.policy['enrolment.codeLife'])
  expect(await begin(code)).toMatchObject({ reason: 'code-invalid' })
})

describe('somebody of the directory', () => {
  test('gets one by userName, in any case', async () => {
    const { id } = await scim.createUser('rosa@hospital.example', { title: 'Nurse' })
    const { person, code } = await issue('--user-name', 'Rosa@Hospital.example')
    expect((await enrolBy(code)).outcome).toBe('enrolled')
    expect(f.records.at(-1)).toMatchObject({ event: 'passkey.enrolled', actor: person })
    expect(person).not.toBe(id)
    expect(JSON.stringify(f.records)).not.toContain('rosa@')
  })

  test.each([
    ['is disabled', { title: 'Nurse' }, /closed/],
    ['has no role here', { title: 'Gardener' }, /id/],
  ])('who %s gets none', async (what, more, message) => {
    const { id } = await scim.createUser('rosa', more)
    if (what === 'is disabled')
      await scim.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })
    const records = f.records.length
    await expect(issue('--user-name', 'rosa')).rejects.toThrow(message)
    expect(f.records).toHaveLength(records)
  })
})

test.each([[['nobody']], [['--user-name', 'nobody']], [['maria', '--user-name', 'maria']], [[]]])(
  '%j is refused',
  (args) => expect(issue(...args)).rejects.toMatchObject({ code: 'unable' }),
)

describe('whoever has a passkey', () => {
  let key: SoftwarePasskey
  beforeEach(async () => {
    key = (await enrolBy((await issue('maria')).code)).key
    await f.signIn('maria', key)
  })

  test('gets no code, and keeps all', async () => {
    await expect(issue('maria')).rejects.toThrow(/has a passkey/)
    expect(await open()).toHaveLength(1)
    expect(f.records.some(({ event }) => event === 'passkey.revoked')).toBe(false)
  })

  test('gets one with --replace: what they had is revoked, recorded, told, and in use nowhere', async () => {
    const { code, revoked } = await issue('maria', '--replace')
    expect(revoked).toBe(1)
    expect(await open()).toEqual([])
    expect(f.revoked).toHaveLength(1)
    expect(f.records.find(({ event }) => event === 'passkey.revoked')).toMatchObject({
      actor: 'maria',
      detail: { because: 'replaced', by: expect.stringMatching(/./) },
    })
    await expect(f.signIn('maria', key)).rejects.toThrow('revoked')
    const { key: next } = await enrolBy(code)
    const { notices } = await f.signIn('maria', next)
    expect(notices.map(({ kind }) => kind)).toContain('passkey-removed')
  })
})
