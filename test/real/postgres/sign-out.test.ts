import { afterEach, expect, inject, test } from 'vitest'
import { connectAuthority } from '../../../main/authority/protocol/client.ts'
import type { SessionId } from '../../../main/authority/protocol/index.ts'
import { realTimers } from '../../../main/workstation/child-process.ts'
import { createOutbox } from '../../../main/workstation/outbox.ts'
import { type FaultyProxy, startFaultyProxy } from '../../support/faulty-proxy.ts'
import { startLightAgent } from '../../support/light-agent.ts'
import { addPeople } from '../../support/many-people.ts'
import { agentHeaders, startNode, type TestNode } from '../../support/nodes.ts'
import { freshSchema } from '../../support/postgres-schema.ts'

/* A node that has lost the database while another one has not, and a person who signs out at it. */

const patience = { timeout: 60_000, interval: 50 }
const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

interface House {
  /** Loses its database. */
  readonly cut: TestNode
  readonly whole: TestNode
  readonly line: FaultyProxy
  readonly sessionId: SessionId
}

async function house(): Promise<House> {
  const place = freshSchema(inject('postgres'))
  undo.push(() => place.drop())
  const address = new URL(place.session.connectionString)
  const line = await startFaultyProxy({ host: address.hostname, port: Number(address.port) })
  undo.push(() => line.dispose())
  const whole = await startNode({ ...place.session, name: 'whole' })
  undo.push(() => whole.stop())
  address.hostname = '127.0.0.1'
  address.port = String(line.port)
  const cut = await startNode({ ...place.session, connectionString: address.href, name: 'cut' })
  undo.push(() => ((line.refusing = false), cut.stop()))
  const [person] = await addPeople(whole.db, 'person', 1)
  if (!person) throw new Error('nobody')
  const seat = await startLightAgent('ws-1', cut)
  undo.push(() => seat.dispose())
  await expect.poll(() => seat.tap(person, { passkey: true }), patience).toBe(true)
  if (!seat.open) throw new Error('nothing is open')
  const { sessionId } = seat.open
  await seat.dispose()
  line.refusing = true
  line.cut()
  return { cut, whole, line, sessionId }
}

const endOf = async ({ whole, sessionId }: House) => {
  const { ended_at, end_reason } = await whole.db.read
    .selectFrom('sessions')
    .select(['ended_at', 'end_reason'])
    .where('session_id', '=', sessionId)
    .executeTakeFirstOrThrow()
  return ended_at === null ? null : end_reason
}
const recordsOf = async ({ whole, sessionId }: House) => {
  const records = await whole.db.read.selectFrom('auditRecord').select('body').execute()
  return records.filter(
    ({ body }) => body.includes('"event":"session.ended"') && body.includes(sessionId),
  )
}

test('the agent is sent to a node that can record its sign-out, and repeats it there', async () => {
  const made = await house()
  const { cut, whole, line, sessionId } = made
  const network = await startFaultyProxy({ host: '127.0.0.1', port: cut.port })
  undo.push(() => network.dispose())
  // Whoever is connected has been since before: its identity needs no database here.
  const client = connectAuthority({
    url: `http://127.0.0.1:${network.port}`,
    headers: agentHeaders('ws-1'),
    backoff: { first: 10, longest: 80 },
  })
  undo.push(() => client.dispose())
  line.refusing = false
  let online = 0
  const outbox = createOutbox({
    report: () => {},
    timers: realTimers,
  })
  undo.push(() => Promise.resolve(outbox.dispose()))
  client.onConnection((state) => {
    if (state !== 'online') return
    online += 1
    void outbox.flush(client)
  })
  await expect.poll(() => online, patience).toBe(1)
  line.refusing = true
  line.cut()
  // As a load balancer does: new connections go to the node that is ready, old ones stay.
  network.target = { host: '127.0.0.1', port: whole.port }

  const params = { sessionId, reason: 'sign-out' as const }
  await outbox.send(client, { type: 'tell', call: 'session.end', params })
  expect(outbox.size).toBe(1)
  expect(online).toBe(1)
  expect(await whole.live(sessionId)).not.toBeNull()

  await expect.poll(() => endOf(made), patience).toBe('sign-out')
  expect(await whole.live(sessionId)).toBeNull()
  await expect.poll(() => outbox.size, patience).toBe(0)
  line.refusing = false
  await cut.authority.tick()
  expect(await recordsOf(made)).toHaveLength(1)
}, 180_000)

test('where no agent comes back, the node records the sign-out as soon as it can', async () => {
  const made = await house()
  const { cut, whole, line, sessionId } = made
  const caller = { workstation: { id: 'ws-1' as never, name: 'At ws-1' } }
  const params = { sessionId, reason: 'sign-out' as const }
  await expect(cut.authority.handlers['session.end'](params, caller)).rejects.toMatchObject({
    name: 'StoreError',
  })
  expect(await endOf(made)).toBeNull()
  line.refusing = false
  expect(await cut.live(sessionId)).toBeNull()
  await expect.poll(() => endOf(made), patience).toBe('sign-out')
  expect(await whole.live(sessionId)).toBeNull()
  expect(await recordsOf(made)).toHaveLength(1)
}, 180_000)
