/* oxlint-disable vitest/no-conditional-expect -- what must hold depends on what the answer was; the counts at the end show that both happened */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { authorityFixture } from '../../../test/support/authority.ts'

const minutes = 60_000
const drift = 5_001

const step = fc.oneof(
  fc.record({
    do: fc.constant('pass' as const),
    ms: fc.constantFrom(1, 20_000, 5 * minutes, 25 * minutes, 50 * minutes),
  }),
  fc.record({
    do: fc.constant('jump' as const),
    ms: fc.oneof(
      fc.integer({ min: -4_000, max: 4_000 }),
      fc.integer({ min: -13 * 60 * minutes, max: 13 * 60 * minutes }),
      fc.constantFrom(30 * minutes, -30 * minutes, 1e12, -1e12),
    ),
  }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('activity' as const) }) },
  fc.record({ do: fc.constant('tick' as const) }),
)

test('whatever both clocks do, nothing outlives its limit in either, and nothing comes back', async () => {
  const seen = { alive: 0, dead: 0, accepted: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 40, size: 'max' }),
      async (steps) => {
        const f = await authorityFixture()
        try {
          const key = await f.enrol('maria')
          const { sessionId, endsAt } = await f.signIn('maria', key)
          const { ceremony } = await f.tap('maria')
          const time = { monotonic: 0, wall: 0 }
          let active = { ...time }
          let dead = false
          let before = f.now()
          const within = (limit: number, since: { monotonic: number; wall: number }) =>
            time.monotonic - since.monotonic < limit && time.wall - since.wall < limit + drift

          for (const each of steps) {
            if (each.do === 'pass') {
              f.advance(each.ms)
              time.monotonic += each.ms
              time.wall += each.ms
            } else if (each.do === 'jump') {
              f.jumpWall(each.ms)
              time.wall += each.ms
            } else if (each.do === 'tick') await f.authority.tick()
            expect(f.now()).toBeGreaterThanOrEqual(before)
            before = f.now()

            const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 })
            const view = sessions.find((one) => one.sessionId === sessionId)
            if (dead) expect(view).toBeUndefined()
            dead ||= view === undefined
            seen[dead ? 'dead' : 'alive'] += 1
            if (view) {
              expect(view.endsAt).toBe(endsAt)
              expect(within(f.policy['session.overall'], { monotonic: 0, wall: 0 })).toBe(true)
              expect(within(f.policy['session.inactivity'], active)).toBe(true)
            }
            if (each.do !== 'activity') continue
            const kept = f.call('session.activity', { sessionId })
            if (dead) await expect(kept).rejects.toThrow('session-ended')
            else {
              await kept
              active = { ...time }
            }
          }

          const { ceremonyId, options } = ceremony
          const response = key.assert(options)
          const { outcome } = await f.call('session.start', { ceremonyId, response })
          const accepted = outcome === 'signed-in'
          seen[accepted ? 'accepted' : 'refused'] += 1
          const origin = { monotonic: 0, wall: 0 }
          if (accepted) expect(within(f.policy['passkey.timeout'], origin)).toBe(true)
          const times = f.records.map(({ assurance }) => assurance?.verifiedAt ?? 0)
          expect(Math.max(...times)).toBeLessThanOrEqual(f.now())
        } finally {
          await f.dispose()
        }
      },
    ),
    { numRuns: 150 },
  )
  // The sequences must reach both sides of every limit.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
}, 120_000)
