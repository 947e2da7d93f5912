import { afterEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture } from '../../../test/support/authority.ts'

const hour = 3_600_000
let f: AuthorityFixture | null = null
afterEach(async () => {
  await f?.dispose()
  f = null
})

test('whether there are bundles is what the policy of the house says now, not at the start', async () => {
  const fixture = await authorityFixture({
    bundleKey: new Uint8Array(32).fill(5),
    policy: { 'offline.life': 0 },
  })
  f = fixture
  const { policy } = fixture
  const ask = async () => (await fixture.call('offline.bundle', { have: null })).outcome
  expect(await ask()).toBe('off')
  // As a node's live policy: the same object, another value.
  Object.assign(policy, { 'offline.life': hour })
  expect(await ask()).toBe('bundle')
  Object.assign(policy, { 'offline.life': 0 })
  expect(await ask()).toBe('off')
})
