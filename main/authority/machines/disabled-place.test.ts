import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'

let f: AuthorityFixture
beforeEach(async () => {
  f = await authorityFixture({ policy: { 'roaming.tapGrace': 3_600_000 } })
  const entry = { id: 'ws-2', name: 'Ward 4', place: '', by: 'it' }
  await f.authority.machines.register.add(entry)
})
afterEach(() => f.dispose())

const disable = () => f.authority.machines.register.disable({ id: 'ws-2', by: 'it' })
const live = () =>
  f.db.read
    .selectFrom('sessions')
    .select(['person_id', 'workstation_id'])
    .where('ended_at', 'is', null)
    .execute()

test('a sign-in that was under way begins nothing once its workstation is disabled', async () => {
  const key = await f.enrol('maria')
  const { ceremony } = await f.tap('maria', { caller: otherWorkstation })
  const response = key.assert(ceremony.options)
  await disable()
  const start = { ceremonyId: ceremony.ceremonyId, response }
  await expect(f.call('session.start', start, otherWorkstation)).rejects.toThrow('conflict')
  expect(await live()).toEqual([])
})

test('a session stays where it is when a tap would take it to a workstation that is disabled', async () => {
  await f.signIn('maria', await f.enrol('maria'))
  const { tapId } = await f.tap('maria', { caller: otherWorkstation })
  await disable()
  await expect(f.call('session.take', { tapId }, otherWorkstation)).rejects.toThrow('conflict')
  expect(await live()).toEqual([{ person_id: 'maria', workstation_id: 'ws-1' }])
})
