import { describe, expect, test } from 'vitest'
import { initialHealth, judge, type HealthEvent } from './health.ts'

const poll = 150
const answer: HealthEvent = { type: 'answered', badge: null }
const nonsense: HealthEvent = { type: 'malformed' }
const failure: HealthEvent = { type: 'failed' }
const badge = (name: string): HealthEvent => ({ type: 'answered', badge: name })
const times = (count: number, event: HealthEvent) => Array.from({ length: count }, () => event)

function run(events: readonly HealthEvent[]) {
  let state = initialHealth
  for (const [index, event] of events.entries()) state = judge(state, event, index * poll)
  return state.health
}

describe('a reader is', () => {
  test.each<[string, string, readonly HealthEvent[]]>([
    ['ready', 'when it answers', times(50, answer)],
    ['ready', 'after two failures', times(2, failure)],
    ['silent', 'after three failures in a row', times(3, failure)],
    ['ready', 'when it answers between failures', [failure, failure, answer, failure, failure]],
    ['silent', 'when one request takes too long', [{ type: 'waiting' }]],
    ['silent', 'while the slow request ends in a failure', [{ type: 'waiting' }, failure]],
    ['ready', 'once it answers again', [...times(5, failure), answer]],
    ['ready', 'when an answer is garbled now and then', times(7, nonsense)],
    ['babbling', 'after eight garbled answers', times(8, nonsense)],
    [
      'babbling',
      'until it was calm for three seconds',
      [...times(8, nonsense), ...times(19, answer)],
    ],
    ['ready', 'after three calm seconds', [...times(8, nonsense), ...times(21, answer)]],
    ['babbling', 'with more badges than a wallet holds', 'A B C D E'.split(' ').map(badge)],
    [
      'ready',
      'with two badges that take turns',
      times(14, answer).map((_, index) => badge(index % 2 === 0 ? 'A' : 'B')),
    ],
  ])('%s %s', (health, _, events) => {
    expect(run(events)).toBe(health)
  })
})
