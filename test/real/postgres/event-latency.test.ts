import { afterEach, expect, inject, test } from 'vitest'
import { connectAuthority } from '../../../main/authority/protocol/client.ts'
import { createUnits } from '../../../main/authority/unit-of-work.ts'
import { agentHeaders, startNode } from '../../support/nodes.ts'
import { freshSchema } from '../../support/postgres-schema.ts'

const events = 300
const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

test('an event is at an agent of another node long before anybody polls', async () => {
  const place = freshSchema(inject('postgres'))
  undo.push(() => place.drop())
  const one = await startNode({ ...place.session, name: 'node-1' })
  undo.push(() => one.stop())
  const two = await startNode({ ...place.session, name: 'node-2' })
  undo.push(() => two.stop())
  const client = connectAuthority({ url: two.url, headers: agentHeaders('ws-1') })
  undo.push(() => client.dispose())
  const heard = new Map<number, () => void>()
  client.onEvent(({ seq }) => heard.get(seq)?.())
  await new Promise<void>((resolve) => {
    client.onConnection((state) => {
      if (state === 'online') resolve()
    })
  })
  await expect.poll(() => one.feed.listening && two.feed.listening).toBe(true)
  const unit = createUnits({
    db: one.db,
    now: () => Date.now(),
    events: one.authority.events,
    onDue: () => {},
  })

  const times: number[] = []
  for (let n = 1; n <= events; n += 1) {
    const { promise, resolve } = Promise.withResolvers<number>()
    heard.set(n, () => resolve(performance.now()))
    const event = { type: 'override.ended', sessionId: 's' as never, overrideId: 'o' } as const
    await unit((work) => Promise.resolve(work.publish('ws-1', event)))
    const committed = performance.now()
    // It may be there before this node hears that its commit is durable.
    times.push(Math.max(0, (await promise) - committed))
  }
  const sorted = times.slice(20).toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Infinity
  process.stdout.write(
    `commit to agent on the other node: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms\n`,
  )
  // Were it the poll that found them, half of them would wait half a second.
  expect(at(0.5)).toBeLessThan(250)
}, 120_000)
