import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialPresence, observe, resync, type PresenceState } from './presence.ts'

const options = { holdMs: 300, debounceMs: 1_000 }
const poll = 150

/** Runs readings 150 ms apart; `.` is an empty field. Events are written as `time:event`. */
function run(readings: string, from: PresenceState = initialPresence, start = 0) {
  let state = from
  const events: string[] = []
  for (const [index, reading] of readings.split('').entries()) {
    const at = start + index * poll
    const step = observe(state, { badge: reading === '.' ? null : reading, at }, options, at)
    state = step.state
    for (const event of step.events) {
      events.push(
        `${event.at / poll}:${event.type}${event.type === 'tap' ? ` ${event.badge}` : ''}`,
      )
    }
  }
  return { state, events }
}
const absent = run('...').state
const after = (readings: string) => run(readings, absent, 450).events.map(relative)
const relative = (event: string) => {
  const [time = '', what = ''] = event.split(':')
  return `${Number(time) - 3}:${what}`
}

describe('presence', () => {
  test.each<[string, string, string[]]>([
    ['a badge that appears is a tap', 'A', ['0:tap A']],
    ['a badge left on the reader is one tap', 'AAAAAAAAAAAAAAAAAAAAAAAA', ['0:tap A']],
    ['a badge is gone when the field was empty for the hold time', 'AA...', ['0:tap A', '4:gone']],
    ['a badge that is missed for one or two polls stayed', 'AA..AA.AA', ['0:tap A']],
    [
      'the same badge within the debounce time after it left is ignored',
      'A...A',
      ['0:tap A', '3:gone'],
    ],
    [
      'coming back starts the debounce time anew',
      'A...A...AAA...A',
      ['0:tap A', '3:gone', '7:gone', '13:gone'],
    ],
    [
      'the same badge after the debounce time is a tap',
      'A..........A',
      ['0:tap A', '3:gone', '11:tap A'],
    ],
    ['another badge after one that left counts at once', 'A...B', ['0:tap A', '3:gone', '4:tap B']],
    ['another badge laid over one that stays counts at once', 'AAAABBBB', ['0:tap A', '4:tap B']],
    ['two badges that take turns are neither', 'AABABAB', ['0:tap A', '2:tap B', '3:two-badges']],
    [
      'two badges that take turns with gaps between are neither',
      'A.B.A.B',
      ['0:tap A', '2:tap B', '4:two-badges'],
    ],
    [
      'two badges far enough apart are two people',
      'AAAABBBBBBBBAAAA',
      ['0:tap A', '4:tap B', '12:tap A'],
    ],
    [
      'after two at once nothing counts until both are gone',
      'ABAAAAABBBB........A',
      ['0:tap A', '1:tap B', '2:two-badges', '18:gone', '19:tap A'],
    ],
  ])('%s', (_, readings, events) => {
    expect(after(readings)).toEqual(events)
  })

  test.each<[string, string, string[]]>([
    ['at the start is no tap', 'AAAA', []],
    ['at the start is no tap after a missed poll either', '.A', []],
    ['at the start is a tap once it was away', 'AA...........A', ['4:gone', '13:tap A']],
    ['at the start does not hide another badge', 'AAB', ['2:tap B']],
  ])('a badge that lies there %s', (_, readings, events) => {
    expect(run(readings).events).toEqual(events)
  })

  test('a badge that was on the reader at a resync is no tap, and its departure is said once', () => {
    const { state } = run('A', absent, 450)
    expect(run('AAA......', resync(state), 600).events).toEqual(['9:gone'])
    expect(run('......', resync(state), 600).events).toEqual(['6:gone'])
  })

  test('an empty field at a resync is nothing to tell', () => {
    expect(run('....', resync(absent), 600).events).toEqual([])
  })

  test('a reading older than two seconds when it arrives is no tap', () => {
    const late = observe(absent, { badge: 'A', at: 450 }, options, 450 + 2_001)
    expect(late.events).toEqual([])
    expect(observe(absent, { badge: 'A', at: 450 }, options, 450 + 2_000).events).toHaveLength(1)
  })

  test('what is seen first after two seconds of silence is no tap', () => {
    expect(run('AAA', absent, 3_000).events).toEqual([])
  })

  test('a clock that goes backwards makes no tap', () => {
    expect(run('A', absent, 100).events).toEqual([])
  })
})

describe('for any sequence of readings', () => {
  const readings = fc.array(
    fc.record({
      badge: fc.constantFrom(null, null, 'A', 'B', 'C'),
      gap: fc.constantFrom(50, 150, 150, 150, 400, 900, 2_500),
    }),
    { maxLength: 80 },
  )

  test('a tap is of the badge just seen, and never of the badge that already lies there', () => {
    fc.assert(
      fc.property(readings, (sequence) => {
        let state = initialPresence
        let at = 0
        let announced: string | null = null
        for (const { badge, gap } of sequence) {
          at += gap
          if (badge !== null && badge !== announced) announced = null
          const step = observe(state, { badge, at }, options, at)
          state = step.state
          const taps = step.events.flatMap((event) => (event.type === 'tap' ? [event.badge] : []))
          expect(step.events.length).toBeLessThanOrEqual(1)
          expect(taps.filter((tapped) => tapped !== badge || tapped === announced)).toEqual([])
          if (step.events.length > 0) announced = taps[0] ?? null
        }
      }),
    )
  })

  test('an empty field for two seconds always leads to a state in which a badge is a tap', () => {
    fc.assert(
      fc.property(readings, (sequence) => {
        let state = initialPresence
        let at = 0
        for (const { badge, gap } of sequence) {
          at += gap
          ;({ state } = observe(state, { badge, at }, options, at))
        }
        for (let index = 0; index < 14; index += 1) {
          at += poll
          ;({ state } = observe(state, { badge: null, at }, options, at))
        }
        at += poll
        expect(observe(state, { badge: 'A', at }, options, at).events).toMatchObject([
          { type: 'tap', badge: 'A' },
        ])
      }),
    )
  })
})
