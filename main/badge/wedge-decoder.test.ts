import { array, assert, boolean, constantFrom, integer, property, record, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWedgeDecoder } from './wedge-decoder.ts'
import type { WedgeAnswer, WedgeKey } from './wedge-decoder.ts'
import { wedgeSchema } from './wedge.ts'
import type { WedgeSetting } from './wedge.ts'

const plain: WedgeSetting = { prefix: ['F13'], suffix: ['Enter'], length: 4, digits: 'decimal' }
const hex: WedgeSetting = { ...plain, digits: 'hex' }
const long: WedgeSetting = { ...plain, prefix: ['F13', 'Semicolon'], suffix: ['Slash', 'Enter'] }

const key = (code: string, at: number, more: Partial<WedgeKey> = {}): WedgeKey => ({
  type: 'keyDown',
  code,
  isAutoRepeat: false,
  modifiers: [],
  at,
  ...more,
})

/** Keys every `every` ms; what became of each, `-` passed, `.` swallowed, or what was read. */
const typed = (setting: WedgeSetting, codes: readonly string[], every = 10): string => {
  const decoder = createWedgeDecoder(setting)
  return codes.map((code, n) => sign(decoder.feed(key(code, n * every)))).join('')
}
const sign = (answer: WedgeAnswer): string => {
  if (answer === 'pass') return '-'
  return answer === 'swallow' ? '.' : `[${answer.read}]`
}
const codes = (text: string): string[] =>
  text.split('').map((one) => (/[0-9]/.test(one) ? `Digit${one}` : `Key${one.toUpperCase()}`))

describe('a reader that types', () => {
  test.each<[string, WedgeSetting, readonly string[], string]>([
    ['prefix, digits, suffix', plain, ['F13', ...codes('0042'), 'Enter'], '.....[0042]'],
    [
      'the keypad',
      plain,
      ['F13', 'Numpad0', 'Digit0', 'Numpad4', 'Numpad2', 'Enter'],
      '.....[0042]',
    ],
    ['hex', hex, ['F13', ...codes('0aF2'), 'Enter'], '.....[0AF2]'],
    [
      'hex in capitals',
      hex,
      ['F13', 'ShiftLeft', 'KeyA', 'ShiftRight', 'KeyB', ...codes('12'), 'Enter'],
      '.......[AB12]',
    ],
    [
      'longer ends',
      long,
      ['F13', 'Semicolon', ...codes('0042'), 'Slash', 'Enter'],
      '.......[0042]',
    ],
    [
      'a keypad digit at the end',
      { ...plain, suffix: ['Digit9'] },
      ['F13', ...codes('0042'), 'Numpad9'],
      '.....[0042]',
    ],
    [
      'twice',
      plain,
      ['F13', ...codes('0042'), 'Enter', 'F13', ...codes('0043'), 'Enter'],
      '.....[0042].....[0043]',
    ],
    // What follows a burst that went wrong is still the reader's: it must press no button.
    ['letters for decimal', plain, ['F13', ...codes('00a2'), 'Enter'], '......'],
    ['too short', plain, ['F13', ...codes('004'), 'Enter'], '.....'],
    ['too long', plain, ['F13', ...codes('00421'), 'Enter'], '.......'],
    ['another suffix', plain, ['F13', ...codes('0042'), 'Tab', 'Enter'], '.......'],
    ['half a suffix', long, ['F13', 'Semicolon', ...codes('0042'), 'Enter'], '.......'],
    [
      'a good one after a bad one',
      plain,
      ['F13', ...codes('0'), 'F13', ...codes('0042'), 'Enter'],
      '.......[0042]',
    ],
    ['no prefix', plain, [...codes('0042'), 'Enter'], '-----'],
    ['half a prefix', long, ['F13', ...codes('0042'), 'Enter'], '.-----'],
    [
      'a prefix begun twice',
      long,
      ['F13', 'F13', 'Semicolon', ...codes('0042'), 'Slash', 'Enter'],
      '........[0042]',
    ],
    [
      'letters that look like digits to a layout',
      plain,
      ['F13', 'Minus', ...codes('042'), 'Enter'],
      '......',
    ],
  ])('%s', (_what, setting, sequence, expected) => {
    expect(typed(setting, sequence)).toBe(expected)
  })

  const good = ['F13', ...codes('0042'), 'Enter']

  test('100 ms between two keys are a reader’s, more are a person’s', () => {
    expect(typed(plain, good, 100)).toBe('.....[0042]')
    expect(typed(plain, good, 101)).toBe('.-----')
  })

  test('1.5 s in all are a reader’s, more are a person’s', () => {
    const slow: WedgeSetting = { ...plain, length: 16 }
    const sequence = ['F13', ...codes('0123456789012345'), 'Enter']
    expect(typed(slow, sequence, 1_500 / 17)).toBe(`${'.'.repeat(17)}[0123456789012345]`)
    expect(typed(slow, sequence, 1_500 / 16 - 1)).toBe(`${'.'.repeat(17)}-`)
  })

  test('a prefix key that a person pressed costs them no other key', () => {
    const decoder = createWedgeDecoder(plain)
    expect(decoder.feed(key('F13', 0))).toBe('swallow')
    expect(decoder.feed(key('Enter', 101))).toBe('pass')
  })

  test('a key held down counts once; its repeats and its end go where it went', () => {
    const decoder = createWedgeDecoder(plain)
    expect(decoder.feed(key('F13', 0))).toBe('swallow')
    for (const [n, code] of codes('0042').entries()) {
      expect(decoder.feed(key(code, 10 + n))).toBe('swallow')
      expect(decoder.feed(key(code, 10 + n, { isAutoRepeat: true }))).toBe('swallow')
      expect(decoder.feed(key(code, 10 + n, { type: 'keyUp' }))).toBe('swallow')
      expect(decoder.feed(key(code, 10 + n, { type: 'keyUp' }))).toBe('pass')
    }
    expect(decoder.feed(key('Enter', 20))).toEqual({ read: '0042' })
    expect(decoder.feed(key('Enter', 900, { isAutoRepeat: true }))).toBe('swallow')
    expect(decoder.feed(key('Enter', 950, { type: 'keyUp' }))).toBe('swallow')
    expect(decoder.feed(key('Enter', 960))).toBe('pass')
    expect(decoder.feed(key('Enter', 990, { isAutoRepeat: true }))).toBe('pass')
    expect(decoder.feed(key('Enter', 999, { type: 'keyUp' }))).toBe('pass')
  })

  test.each(['control', 'alt', 'meta'] as const)('a shortcut with %s is a person’s', (modifier) => {
    const decoder = createWedgeDecoder(plain)
    decoder.feed(key('F13', 0))
    expect(decoder.feed(key('KeyL', 5, { modifiers: [modifier] }))).toBe('pass')
    const rest = [...codes('0042'), 'Enter'].map((code) => decoder.feed(key(code, 6)))
    expect(rest.map(sign).join('')).toBe('-----')
    expect(decoder.feed(key('F13', 10, { modifiers: [modifier] }))).toBe('pass')
  })

  test('what was dropped is forgotten', () => {
    const decoder = createWedgeDecoder(plain)
    for (const code of ['F13', ...codes('0042')]) decoder.feed(key(code, 0))
    decoder.drop()
    expect(decoder.feed(key('Enter', 1))).toBe('pass')
  })
})

const settings = record({
  prefix: array(constantFrom('F13', 'Semicolon', 'Digit0', 'KeyA'), { minLength: 1, maxLength: 3 }),
  suffix: array(constantFrom('Enter', 'Tab', 'Digit0', 'KeyA'), { minLength: 1, maxLength: 3 }),
  length: integer({ min: 4, max: 8 }),
  digits: constantFrom('decimal', 'hex'),
})
const keys = array(
  tuple(
    constantFrom('F13', 'Semicolon', 'Digit0', 'Numpad1', 'Digit9', 'KeyA', 'KeyG', 'Enter', 'Tab'),
    constantFrom(0, 1, 20, 20, 20, 100, 101, 400),
    boolean(),
  ),
  { maxLength: 60, size: 'max' },
)

test('nothing is read that is not prefix, exact length and suffix at a reader’s speed', () => {
  let reads = 0
  assert(
    property(settings, keys, array(constantFrom(0, 1, 2, 3)), (setting, sequence, bursts) => {
      const decoder = createWedgeDecoder(setting)
      // Random keys, with badges among them: good, short, long and without an end.
      const typedBy = (kind: number) => {
        const length = setting.length + ([0, -1, 1, 0][kind] ?? 0)
        const end = kind === 3 ? [] : setting.suffix
        const burst = [...setting.prefix, ...codes('0'.repeat(length)), ...end]
        return burst.map((code) => [code, 20, false] as const)
      }
      const all = [...sequence, ...bursts.flatMap(typedBy), ...sequence]
      const pressed: { readonly code: string; readonly at: number }[] = []
      let at = 0
      for (const [code, wait, isAutoRepeat] of all) {
        at += wait
        if (!isAutoRepeat) pressed.push({ code, at })
        const answer = decoder.feed(key(code, at, { isAutoRepeat }))
        if (typeof answer === 'string') continue
        reads += 1
        const whole = setting.prefix.length + setting.length + setting.suffix.length
        const last = pressed.slice(-whole)
        const row = last.map((one) => one.code.replace(/^Numpad/, 'Digit'))
        const text = row.slice(setting.prefix.length, -setting.suffix.length)
        expect(row.slice(0, setting.prefix.length)).toEqual(setting.prefix)
        expect(row.slice(-setting.suffix.length)).toEqual(setting.suffix)
        expect(text).toHaveLength(setting.length)
        expect(text.map((one) => one.at(-1)).join('')).toBe(answer.read)
        expect(answer.read).toMatch(setting.digits === 'hex' ? /^[0-9A-F]+$/ : /^[0-9]+$/)
        expect(at - (last[0]?.at ?? 0)).toBeLessThanOrEqual(1_500)
        for (const [n, one] of last.entries())
          expect(one.at - (last[n - 1] ?? one).at).toBeLessThanOrEqual(100)
      }
    }),
    { numRuns: 2_000 },
  )
  expect(reads).toBeGreaterThan(100)
})

test('after whatever was typed, a pause and a badge are a badge', () => {
  const badge = array(constantFrom('0', '5', '9'), { minLength: 8, maxLength: 8 })
  assert(
    property(settings, keys, badge, (setting, sequence, digits) => {
      const decoder = createWedgeDecoder(setting)
      let at = 0
      for (const [code, wait, isAutoRepeat] of sequence) {
        at += wait
        decoder.feed(key(code, at, { isAutoRepeat }))
      }
      at += 101
      const text = digits.slice(0, setting.length).join('')
      const burst = [...setting.prefix, ...codes(text), ...setting.suffix]
      const answers = burst.map((code, n) => decoder.feed(key(code, at + n * 20)))
      expect(answers.at(-1)).toEqual({ read: text })
      expect(answers.slice(0, -1).every((answer) => answer === 'swallow')).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('keys that no reader could have begun pass, whatever they are', () => {
  const human = array(
    tuple(
      constantFrom('KeyA', 'Digit0', 'Enter', 'Tab', 'ShiftLeft'),
      integer({ min: 0, max: 300 }),
    ),
  )
  assert(
    property(human, (sequence) => {
      const decoder = createWedgeDecoder(plain)
      let at = 0
      for (const [code, wait] of sequence) {
        at += wait
        expect(decoder.feed(key(code, at))).toBe('pass')
      }
    }),
  )
})

test.each([
  [['F13'], true],
  [['Semicolon', 'Enter'], true],
  [['Enter'], false],
  [['Tab', 'F13'], false],
  [['NumpadEnter'], false],
  [['Space'], false],
  [[], false],
] as const)('a prefix of %j: %s', (prefix, ok) => {
  expect(wedgeSchema.safeParse({ ...plain, prefix: [...prefix] }).success).toBe(ok)
})
