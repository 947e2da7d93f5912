import { sql } from 'kysely'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import {
  type MachineKey,
  machineKey,
  type MachinesFixture,
  machinesFixture,
} from '../../../test/support/machines.ts'
import type { Database } from '../../store/port.ts'
import type { Caller } from '../context.ts'
import { sha256 } from './dpop.ts'
import { useEachOnce } from './used-once.ts'

let f: MachinesFixture
let other: MachinesFixture
beforeEach(async () => {
  f = await machinesFixture({ nodeId: 'node-1', issuer: 'https://lanyard.example' })
  other = await machinesFixture({ db: f.db, nodeId: 'node-2', issuer: 'https://lanyard.example' })
})
afterEach(async () => {
  await other.dispose()
  await f.dispose()
})

interface Seat {
  readonly id: string
  readonly key: MachineKey
  readonly token: string
}

/** Workstations that are enrolled, each with a token. */
async function seats(prefix: string, count: number): Promise<Seat[]> {
  const all: Seat[] = []
  for (let n = 0; n < count; n += 1) {
    const [id, key] = [`${prefix}-${n}`, await machineKey()]
    await f.enrolled(id, key)
    all.push({ id, key, token: await f.token(key, id) })
  }
  return all
}

const proofOf = ({ key, token }: Seat) =>
  f.dpop(key, { htm: 'GET', htu: `${f.issuer}/agent/v1/socket`, ath: sha256(token) })

const present = ({ token }: Seat, dpop: string, node = f) =>
  node.machines.authenticate({
    method: 'GET',
    url: '/agent/v1/socket',
    headers: { authorization: `DPoP ${token}`, dpop },
  })

const letIn = (callers: readonly (Caller | null)[]) =>
  callers.flatMap((caller) => caller?.workstation.id ?? []).toSorted()

/** Who each of them is taken for, all asked in the same moment. */
async function presentAll(all: readonly Seat[]): Promise<(string | undefined)[]> {
  const proofs = await Promise.all(all.map(proofOf))
  const callers = await Promise.all(all.map((seat, at) => present(seat, proofs[at] ?? '')))
  return callers.map((caller) => caller?.workstation.id)
}

/** Its token is left to it, so that nothing else keeps it out. */
const changeKey = ({ key }: Seat, to: { revoked_at: number } | { retires_at: number }) =>
  f.db.write((tx) =>
    tx.updateTable('workstation_keys').set(to).where('key_id', '=', key.keyId).execute(),
  )
const disable = ({ id }: Seat) =>
  f.db.write((tx) =>
    tx
      .updateTable('workstations')
      .set({ status: 'disabled' })
      .where('workstation_id', '=', id)
      .execute(),
  )

/** A node whose database is busy with one proof, so that others come to it together when it is free. */
async function busyNode() {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const db: Database = {
    read: f.db.read,
    close: () => f.db.close(),
    async write(work, options) {
      reached.resolve()
      await gate.promise
      return f.db.write(work, options)
    },
  }
  const node = await machinesFixture({ db, nodeId: 'node-3', issuer: f.issuer })
  onTestFinished(() => node.dispose())
  const [first, waiting] = await seats('ws', 2)
  if (!first || !waiting) throw new Error('There are two.')
  const before = present(first, await proofOf(first), node)
  await reached.promise
  return {
    node,
    waiting,
    free: async () => {
      // These are refused when they were looked at; by then, what came before waits for the database.
      const wrong = await f.dpop(first.key, { htm: 'POST' })
      await Promise.all(Array.from({ length: 40 }, () => present(first, wrong, node)))
      gate.resolve()
      expect(letIn([await before])).toEqual([first.id])
    },
  }
}

test('40 workstations that prove themselves at once all get in, each as itself', async () => {
  const all = await seats('ws', 40)
  expect(await presentAll(all)).toEqual(all.map(({ id }) => id))
  // And again, each with a new proof by the same token.
  expect(await presentAll(all.toReversed())).toEqual(all.map(({ id }) => id).toReversed())
})

test('one proof that is presented 20 times at once, at two nodes, is let in once', async () => {
  const all = await seats('ws', 3)
  const proofs = await Promise.all(all.map(proofOf))
  const tries = Array.from({ length: 20 }, (_, n) =>
    all.map((seat, at) => present(seat, proofs[at] ?? '', n % 2 === 0 ? f : other)),
  )
  expect(letIn(await Promise.all(tries.flat()))).toEqual(all.map(({ id }) => id))
})

test('one proof that is presented 20 times while the database is busy is let in once', async () => {
  const { node, waiting, free } = await busyNode()
  const proof = await proofOf(waiting)
  const tries = Array.from({ length: 20 }, () => present(waiting, proof, node))
  await free()
  expect(letIn(await Promise.all(tries))).toEqual([waiting.id])
})

test('a used proof among fresh ones is refused, and they are not', async () => {
  const { node, waiting, free } = await busyNode()
  const used = await proofOf(waiting)
  await present(waiting, used)
  const proofs = [used, ...(await Promise.all([1, 2, 3].map(() => proofOf(waiting)))), used]
  const tries = proofs.map((proof) => present(waiting, proof, node))
  await free()
  const callers = await Promise.all(tries)
  expect(callers.map((caller) => caller !== null)).toEqual([false, true, true, true, false])
})

test('of good and bad ones that come at once exactly the good ones get in', async () => {
  const expired = await seats('expired', 5)
  f.advance(600_000)
  const revoked = await seats('revoked', 5)
  for (const seat of revoked) await changeKey(seat, { revoked_at: f.now() })
  const retired = await seats('retired', 5)
  for (const seat of retired) await changeKey(seat, { retires_at: f.now() })
  const disabled = await seats('disabled', 5)
  for (const seat of disabled) await disable(seat)
  const good = await seats('good', 20)
  const unknown = good.slice(0, 5).map((seat, n) => ({ ...seat, token: `${n}`.repeat(43) }))
  // Each proves its own key over the next one's token.
  const swapped = good.slice(0, 5).map((seat, n) => ({ ...seat, token: good[n + 1]?.token ?? '' }))
  const bad = [...expired, ...revoked, ...retired, ...disabled, ...unknown, ...swapped]
  const mixed = bad.flatMap((seat, n) => [seat, ...good.slice(n, n + 1)])
  const isGood = new Set<Seat>(good)
  expect(await presentAll(mixed)).toEqual(
    mixed.map((seat) => (isGood.has(seat) ? seat.id : undefined)),
  )
  expect(mixed).toHaveLength(50)
})

test('proofs of a lot are written in one order, whatever the order in which they came', async () => {
  const used = Array.from({ length: 20 }, (_, n) => ({
    kind: 'dpop' as const,
    keyId: 'k',
    jti: `proof-${n}`,
    staleAt: f.now(),
  }))
  await f.db.write((tx) => useEachOnce(tx, used))
  const { rows } = await sql<{
    proof_hash: string
  }>`select proof_hash from used_proofs order by rowid`.execute(f.db.read)
  const hashes = rows.map(({ proof_hash }) => proof_hash)
  expect(hashes).toEqual(hashes.toSorted())
})
