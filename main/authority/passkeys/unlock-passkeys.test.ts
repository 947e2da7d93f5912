import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture, staff } from '../../../test/support/authority.ts'
import { type ScimFixture, scimFixture } from '../../../test/support/directory.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import { addPasskeyCommands } from '../../cli/authority-passkey.ts'
import type { Services } from '../services.ts'

let f: AuthorityFixture
let scim: ScimFixture
let maria: SoftwarePasskey
beforeEach(async () => {
  f = await authorityFixture({ people: [staff('maria'), staff('tom')] })
  scim = await scimFixture(f, { titles: [] })
  maria = await f.enrol('maria')
})
afterEach(() => f.dispose())

async function unlock(...args: readonly string[]): Promise<unknown> {
  const out: string[] = []
  const authority = new Command('authority').exitOverride()
  const output = { out: (text: string) => void out.push(text), err: () => {} }
  const services = { ...scim.options, policy: f.policy } as unknown as Services
  addPasskeyCommands({ authority, output, finish: () => {} }, (_config, work) =>
    work({ services, endSession: scim.options.endSession }),
  )
  await authority.parseAsync(['passkey', 'unlock', ...args], { from: 'user' })
  return JSON.parse(out.join('')) as unknown
}

async function answer(lie: { readonly forged?: true } = {}) {
  const { ceremony } = await f.tap('maria')
  const response = maria.assert(ceremony.options, lie)
  return f.call('session.start', { ceremonyId: ceremony.ceremonyId, response })
}

test('whoever is locked out can sign in again, and it is on record who let them', async () => {
  for (let n = 0; n < f.policy['passkey.attempts']; n += 1) await answer({ forged: true })
  expect(await answer()).toEqual({ outcome: 'refused', reason: 'locked-out' })
  await f.db.write((tx) =>
    tx
      .insertInto('offline_attempts')
      .values({ workstation_id: 'ws-9', passkey_id: maria.id, failed_attempts: 4, at: f.now() + 1 })
      .execute(),
  )
  expect(await unlock('maria')).toEqual({ person: 'maria', unlocked: 1 })
  expect(f.eventsOf('passkey.unlocked')).toMatchObject([
    { actor: 'maria', detail: { passkey: maria.id, by: expect.any(String) } },
  ])
  expect(await f.db.read.selectFrom('offline_attempts').selectAll().execute()).toEqual([])
  const failed = await f.db.read.selectFrom('passkeys').select('failed_attempts').execute()
  expect(failed).toEqual([{ failed_attempts: 0 }])
  // It opened nothing by itself.
  expect(await f.db.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  expect(await answer()).toMatchObject({ outcome: 'signed-in' })
})

test('nothing to unlock is said, and whoever is not known or gone is refused', async () => {
  expect(await unlock('tom')).toEqual({ person: 'tom', unlocked: 0 })
  expect(f.eventsOf('passkey.unlocked')).toEqual([])
  await expect(unlock('nobody')).rejects.toThrow('Nobody here has this id.')
  await f.db.write((tx) =>
    tx.updateTable('people').set({ disabled_at: 1 }).where('person_id', '=', 'tom').execute(),
  )
  await expect(unlock('tom')).rejects.toThrow('The account of this person is closed.')
  await expect(unlock()).rejects.toThrow('Which person?')
})
