import { afterEach, expect, test } from 'vitest'
import { startFaultyProxy } from '../../test/support/faulty-proxy.ts'
import { type House, houseFixture } from '../../test/support/offline.ts'
import { connectAuthority } from '../authority/protocol/client.ts'
import { authenticateEmbedded } from '../authority/server/authentication.ts'
import { listen } from '../authority/server/server.ts'

const undo: (() => Promise<unknown>)[] = []
let house: House | null = null
afterEach(async () => {
  await house?.dispose()
  house = null
  for (const step of undo.splice(0).toReversed()) await step()
})

/** A real server on a real database, reached over a network that can be cut. */
async function overTheWire() {
  const opened = await houseFixture({ store: 'file' })
  house = opened
  const { fixture } = opened
  const server = await listen({ port: 0, hostAllowed: () => true })
  undo.push(() => server.dispose())
  server.serve({
    authority: fixture.authority,
    authenticate: authenticateEmbedded('secret', fixture.here),
  })
  const { port } = new URL(server.url)
  const network = await startFaultyProxy({ host: '127.0.0.1', port: Number(port) })
  undo.push(() => network.dispose())
  const maria = await fixture.enrol('maria')
  const tom = await fixture.enrol('tom')
  await fixture.tap('maria')
  await fixture.tap('tom')
  const service = connectAuthority({
    url: `http://127.0.0.1:${network.port}`,
    secret: 'secret',
    backoff: { first: 20, longest: 50 },
  })
  const seat = await opened.openSeat({}, { service, startGrace: 60_000 })
  await seat.online()
  await seat.station.refresh((call, params) => service.call(call, params), fixture.now())
  const down = () => {
    network.refusing = true
    network.cut()
  }
  const up = () => {
    network.refusing = false
  }
  return { house: opened, fixture, seat, network, maria, tom, down, up }
}

test('a shift goes on through a cut network: one session live, one begun and ended, one taken along', async () => {
  const { house, fixture, seat, maria, tom, down, up } = await overTheWire()
  const before = await seat.signIn('maria', maria)
  down()
  const alone = await seat.offline()
  expect(alone.sessions.map(({ sessionId }) => sessionId)).toEqual([before.sessionId])
  await seat.client.call('session.shield', { sessionId: before.sessionId, reason: 'switch' })
  const brief = await seat.signIn('tom', tom)
  await seat.client.call('session.end', { sessionId: brief.sessionId, reason: 'sign-out' })
  const kept = await seat.signIn('tom', tom)
  for (let n = 0; n < 40; n++)
    await seat.client.call('workstation.report', { event: 'reader-ready', detail: { n } })
  up()
  const hello = await seat.online()
  expect(hello.sessions.map(({ sessionId }) => sessionId).toSorted()).toEqual(
    [before.sessionId, kept.sessionId].toSorted(),
  )
  const rows = await fixture.db.read
    .selectFrom('sessions')
    .select(['session_id', 'end_reason', 'shielded_at'])
    .orderBy('started_at')
    .execute()
  expect(rows).toHaveLength(3)
  expect(rows.find(({ session_id }) => session_id === brief.sessionId)).toMatchObject({
    end_reason: 'sign-out',
  })
  expect(rows.find(({ session_id }) => session_id === before.sessionId)?.shielded_at).not.toBeNull()
  const reports = house.recordsOffline().filter(({ detail }) => detail.n !== undefined)
  expect(reports.map(({ detail }) => detail.n)).toEqual(Array.from({ length: 40 }, (_, n) => n))
  expect(fixture.eventsOf('offline.conflict')).toEqual([])
}, 30_000)

test('however often the network goes while the journal is brought back, everything is there once', async () => {
  const { house, fixture, seat, network, maria, down, up } = await overTheWire()
  down()
  await seat.offline()
  const { sessionId } = await seat.signIn('maria', maria)
  for (let n = 0; n < 200; n++)
    await seat.client.call('workstation.report', { event: 'reader-ready', detail: { n } })
  for (let round = 1; round <= 3; round++) {
    const until = network.received + 5_000
    up()
    await expect.poll(() => network.received, { interval: 1 }).toBeGreaterThan(until)
    down()
    await seat.offline()
  }
  up()
  const hello = await seat.online()
  expect(hello.sessions.map((view) => view.sessionId)).toEqual([sessionId])
  const numbers = house
    .recordsOffline()
    .filter(({ detail }) => detail.n !== undefined)
    .map(({ detail }) => detail.n)
  expect(numbers).toEqual(Array.from({ length: 200 }, (_, n) => n))
  const entries = await fixture.db.read
    .selectFrom('offline_entries')
    .select('idx')
    .orderBy('idx')
    .execute()
  expect(entries.map(({ idx }) => idx)).toEqual(Array.from({ length: entries.length }, (_, n) => n))
}, 60_000)
