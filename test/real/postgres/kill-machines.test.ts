import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { AuthorityError, type CallError } from '../../../main/authority/protocol/index.ts'
import { enrolMachine } from '../../../main/machine/enrol-machine.ts'
import { createMachine } from '../../../main/machine/machine.ts'
import { newMachineKey, useMachineKey } from '../../../main/machine/machine-key.ts'
import type { MachinePost } from '../../../main/machine/machine-post.ts'
import { loadMachine } from '../../../main/machine/machine-vault.ts'
import { memoryVault } from '../../../main/vault/memory-vault.ts'
import { httpCalls } from '../../support/house-seat.ts'
import {
  type KillingGround,
  openKillingGround,
  type Request,
} from '../../support/killing-ground.ts'
import { recorded } from '../../support/schema-query.ts'
import type { TwoNodes, Which } from '../../support/two-nodes.ts'
import { faultsOf } from '../../support/whole-log.ts'
import { newSchema } from './schema.ts'

/*
 * A node dies in the middle of enrolments and key changes of workstations. Each workstation goes on
 * at another node as an agent does, and is then known by exactly one key: the one that it has.
 */

const rounds = 6
const ofEach = 4
const nodes: readonly Which[] = [0, 1]

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})
let ground: KillingGround
let house: TwoNodes
let query: KillingGround['query']
beforeAll(async () => {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  ground = await openKillingGround({ session })
  undo.push(() => ground.dispose())
  ;({ house, query } = ground)
})

const postTo =
  (node: () => Which): MachinePost =>
  (url, init) =>
    house.ask(node(), new URL(url).pathname, { method: 'POST', ...init })

let count = 0
/** A workstation with a token, and the one key by which it enrols. */
async function newcomer() {
  const id = `ws-${(count += 1)}`
  const vault = memoryVault()
  const [token, key] = await Promise.all([house.token(id), newMachineKey()])
  async function enrol(node: Which) {
    const post = postTo(() => node)
    const enrolled = await enrolMachine({ authority: house.url, token, key, vault, post })
    if (!enrolled.ok) throw new Error(`${enrolled.reason} ${enrolled.detail}`)
    return enrolled.secrets
  }
  async function kept() {
    const found = await loadMachine(vault)
    if (!found) throw new Error('nothing was kept')
    return { ...found, current: await useMachineKey(found.keys.current) }
  }
  /** The key in the secret store is the only one that counts, and each node takes it. */
  async function checkKey() {
    const { identity, current } = await kept()
    const standing = await query(
      'select key_id from workstation_keys where workstation_id = $1 and revoked_at is null and replaced_by is null',
      [id],
    )
    expect(standing).toEqual([{ key_id: current.keyId }])
    const call = httpCalls(house, identity, current)
    for (const node of nodes)
      expect(
        await call(node, 'workstation.report', { event: 'reader-ready', detail: {} }),
      ).toMatchObject({ status: 200 })
    return current.keyId
  }
  return { id, vault, enrol, kept, checkKey }
}

async function enrolment(): Promise<Request> {
  const { id, enrol, checkKey } = await newcomer()
  return {
    ask: enrol,
    async check() {
      const keyId = await checkKey()
      const [entry, ...more] = await recorded(query, 'workstation.enrolled', { workstation: id })
      expect([entry?.['key'], more]).toEqual([keyId, []])
      const all = 'select workstation_id from workstation_keys where workstation_id = $1'
      expect(await query(all, [id])).toHaveLength(1)
    },
  }
}

async function rotation(): Promise<Request> {
  const { id, vault, enrol, kept, checkKey } = await newcomer()
  let at: Which = 0
  house.choose(at)
  const secrets = await enrol(at)
  const machine = await createMachine({ secrets, vault, post: postTo(() => at) })
  const before = await useMachineKey(secrets.keys.current)
  const call = httpCalls(house, machine.identity, before)
  // A workstation that is at work has a token.
  await call(at, 'workstation.report', { event: 'reader-ready', detail: {} })
  async function ask(node: Which) {
    at = node
    const rotated = await machine.rotate(
      async (proof) => {
        const answer = await call(node, 'machine.rotate', { proof }).catch((cause: unknown) => {
          throw new AuthorityError('unreachable', 'no answer', { cause })
        })
        if (answer.status === 200) return answer.body as { keyId: string; rotateAt: number }
        const { code } = (answer.body as { readonly error: CallError }).error
        throw new AuthorityError(code, `status ${answer.status}`)
      },
      { now: true },
    )
    expect(rotated).toBe('rotated')
  }
  return {
    ask,
    async askAgain(node) {
      at = node
      // With its next connection a workstation finds out which of its keys counts.
      await machine.headers()
      if ((await kept()).current.keyId === before.keyId) await ask(node)
    },
    async check() {
      const keyId = await checkKey()
      expect(keyId).not.toBe(before.keyId)
      const entries = await recorded(query, 'workstation.key-rotated', { workstation: id })
      expect(entries.map(({ key, replaces }) => ({ key, replaces }))).toEqual([
        { key: keyId, replaces: before.keyId },
      ])
    },
  }
}

test(`a workstation whose node dies while it enrols or changes its key has one key that counts, ${rounds} times`, async () => {
  for (let n = 0; n < rounds; n += 1) {
    const pairs = Array.from({ length: ofEach }, () => [enrolment(), rotation()])
    await ground.round(await Promise.all(pairs.flat()))
  }
  const { made, unheard } = ground.count
  process.stdout.write(`${unheard} of ${made} had no answer\n`)
  // Otherwise nobody was killed in the middle of anything.
  expect(unheard).toBeGreaterThan(rounds)
  expect(unheard).toBeLessThan(made)
  expect(await recorded(query, 'workstation.refused')).toEqual([])
  expect(await faultsOf(house.db, query)).toEqual([])
}, 300_000)
