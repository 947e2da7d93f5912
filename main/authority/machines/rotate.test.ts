import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type MachineKey,
  machineKey,
  type MachinesFixture,
  machinesFixture,
} from '../../../test/support/machines.ts'
import type { Caller } from '../context.ts'
import { workstationIdSchema } from '../protocol/index.ts'

const hour = 3_600_000
let f: MachinesFixture
let old: MachineKey
let next: MachineKey
beforeEach(async () => {
  f = await machinesFixture()
  old = await machineKey()
  next = await machineKey()
  await f.enrolled('ws-1', old)
})
afterEach(() => f.dispose())

const caller = (key: MachineKey): Caller => ({
  workstation: { id: workstationIdSchema.parse('ws-1'), name: 'Ward 3' },
  keyId: key.keyId,
})
const rotate = async (by = old, to = next, change = {}) =>
  f.machines.handlers['machine.rotate'](
    { proof: await f.rotateProof(to, by, 'ws-1', change) },
    caller(by),
  )
const refusal = async (key: MachineKey) => {
  const client_assertion = await f.assertion(key, 'ws-1')
  const { body } = await f.askToken({ client_assertion }, await f.dpop(key))
  return body['reason'] ?? null
}
const clones = () => f.records.filter(({ event }) => event === 'workstation.cloned')

test('both keys are good until an hour after the first use of the new one', async () => {
  await f.token(old, 'ws-1')
  expect(await rotate()).toEqual({ keyId: next.keyId, rotateAt: f.now() + 30 * 24 * hour })
  f.advance(5 * hour)
  expect(await refusal(old)).toBeNull()
  expect(await refusal(next)).toBeNull()
  f.advance(hour - 1)
  const rows = await f.db.read.selectFrom('workstation_keys').selectAll().execute()
  expect(rows.find(({ key_id }) => key_id === old.keyId)?.retires_at).toBe(f.now() + 1)
  f.advance(1)
  expect(await refusal(next)).toBeNull()
  expect(await refusal(old)).toBe('retired')
  expect(f.records.filter(({ event }) => event === 'workstation.key-rotated')).toHaveLength(1)
})

test('an old key goes after a day even when the new one was never used', async () => {
  await rotate()
  f.advance(24 * hour)
  expect(await refusal(old)).toBe('retired')
  expect(await refusal(next)).toBeNull()
})

test('the same rotation sent again, because its answer was lost, changes nothing', async () => {
  await rotate()
  expect(await rotate()).toMatchObject({ keyId: next.keyId })
  expect(f.records.filter(({ event }) => event === 'workstation.key-rotated')).toHaveLength(1)
})

test('a rotation that was not gone on with is given up for another; one in use is not', async () => {
  await rotate()
  const third = await machineKey()
  await rotate(old, third)
  expect(await refusal(next)).toBe('revoked')
  expect(await refusal(third)).toBeNull()
  await expect(rotate(old, await machineKey())).rejects.toMatchObject({ code: 'conflict' })
})

test.each([
  ['for another authority', { aud: 'https://evil.example' }],
  ['of another workstation', { iss: 'ws-2' }],
  ['over another key', { replaces: 'x' }],
  ['that is old', { iat: Date.UTC(2026, 0, 5, 6, 58) / 1000 }],
])('a proof %s is refused', async (_name, change) => {
  await expect(rotate(old, next, change)).rejects.toMatchObject({ code: 'bad-request' })
})

test('a proof by the old key itself, or by one that is known, is refused', async () => {
  await expect(rotate(old, old)).rejects.toMatchObject({ code: 'bad-request' })
  const other = await machineKey()
  await f.enrolled('ws-2', other)
  await expect(rotate(old, other)).rejects.toMatchObject({ code: 'conflict' })
})

test('one proof is good once, and 50 keys at once leave exactly one successor', async () => {
  const proof = await f.rotateProof(next, old, 'ws-1')
  await f.machines.handlers['machine.rotate']({ proof }, caller(old))
  await expect(f.machines.handlers['machine.rotate']({ proof }, caller(old))).rejects.toMatchObject(
    { code: 'conflict' },
  )

  const keys = await Promise.all(Array.from({ length: 50 }, machineKey))
  await Promise.all(keys.map((each) => rotate(old, each)))
  const rows = await f.db.read
    .selectFrom('workstation_keys')
    .selectAll()
    .where('revoked_at', 'is', null)
    .execute()
  expect(rows).toHaveLength(2)
})

test('the agent of an embedded authority has no key to rotate', async () => {
  const { workstation } = caller(old)
  const proof = await f.rotateProof(next, old, 'ws-1')
  await expect(
    f.machines.handlers['machine.rotate']({ proof }, { workstation }),
  ).rejects.toMatchObject({ code: 'not-found' })
})

test('the old key in use after the new one was: two machines have it, and neither is cut off', async () => {
  await f.token(old, 'ws-1')
  await rotate()
  await f.token(next, 'ws-1')
  expect(clones()).toEqual([])
  // Whoever rotated never goes back.
  expect(await refusal(old)).toBeNull()
  expect(clones()).toMatchObject([
    { workstation: 'ws-1', outcome: 8, detail: { sign: 'replaced-key' } },
  ])
  expect(f.events.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { type: 'workstation.cloned', at: f.now() },
  ])
  f.advance(48 * hour)
  expect(await refusal(old)).toBeNull()
  expect(await refusal(next)).toBeNull()
  // Told once, and no key of it rotates any more.
  expect(clones()).toHaveLength(1)
  for (const key of [old, next])
    await expect(rotate(key, await machineKey())).rejects.toMatchObject({ code: 'conflict' })
  expect(await f.machines.register.list()).toMatchObject([{ status: 'cloned' }])

  const { token } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
  const genuine = await machineKey()
  await f.enrol(token, await f.enrolProof(genuine, token))
  expect(await refusal(old)).toBe('revoked')
  expect(await refusal(next)).toBe('revoked')
  expect(await f.machines.register.list()).toMatchObject([{ status: 'enrolled' }])
})

test('a machine that slept through its rotation elsewhere gives the copy away', async () => {
  await f.token(old, 'ws-1')
  await rotate()
  await f.token(next, 'ws-1')
  f.advance(3 * 24 * hour)
  expect(await refusal(old)).toBe('retired')
  expect(clones()).toHaveLength(1)
})
