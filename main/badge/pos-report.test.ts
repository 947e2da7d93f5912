import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { breakPos, noPos, posLimit, readPos } from './pos-report.ts'
import type { Reading } from './reader-core.ts'

interface Part {
  readonly text: string
  readonly aim?: string
  readonly more?: boolean
  readonly length?: number
}
function report({ text, aim = ']C0', more = false, length = text.length }: Part): Uint8Array {
  const bytes = new Uint8Array(64)
  bytes.set([0x02, length])
  bytes.set(Buffer.from(aim, 'latin1'), 2)
  bytes.set(Buffer.from(text, 'latin1').subarray(0, 56), 5)
  bytes[63] = more ? 1 : 0
  return bytes
}

function feed(reports: readonly Uint8Array[], gapMs = 8) {
  let state = noPos
  return reports.map((bytes, index) => {
    const step = readPos(state, bytes, index * gapMs)
    state = step.state
    return said(step.reading)
  })
}
const said = (reading: Reading | null) => {
  if (reading?.type !== 'card') return reading?.type ?? 'nothing'
  return reading.data.type === 'text' ? reading.data.text : 'no text'
}

const full = 'x'.repeat(56)

describe('bar codes of HID POS scanners', () => {
  test.each([
    ['a code', [report({ text: '0012345' })], ['0012345']],
    ['a code and its line end', [report({ text: '0012345\r\n' })], ['0012345']],
    ['a code and its group separator', [report({ text: '0012345\u001d' })], ['0012345']],
    ['a code without its report id', [report({ text: '0012345' }).subarray(1)], ['0012345']],
    [
      'a code in two reports',
      [report({ text: full, more: true }), report({ text: '1234' })],
      ['nothing', `${full}1234`],
    ],
    ['another report', [new Uint8Array([1, ...new Uint8Array(63)])], ['nothing']],
    ['a report of another length', [report({ text: '1' }).subarray(0, 32)], ['nothing']],
    ['a length beyond the field', [report({ text: '1', length: 57 })], ['malformed']],
    ['no AIM identifier', [report({ text: '1', aim: '\u0000\u0000\u0000' })], ['malformed']],
    ['no characters', [report({ text: '\r\n' })], ['malformed']],
    ['a control character inside', [report({ text: '12\u001d34' })], ['malformed']],
    ['a character beyond ASCII', [report({ text: '12\u00e9' })], ['malformed']],
    [
      'parts of different codes, and then a code',
      [
        report({ text: full, more: true }),
        report({ text: '1', aim: ']Q0' }),
        report({ text: '2' }),
      ],
      ['nothing', 'malformed', '2'],
    ],
    [
      'nonsense between parts: the last part is no code',
      [
        report({ text: full, more: true }),
        report({ text: '', length: 99 }),
        report({ text: '12' }),
        report({ text: '34' }),
      ],
      ['nothing', 'malformed', 'malformed', '34'],
    ],
    [
      'a code that never ends',
      Array.from({ length: 6 }, () => report({ text: full, more: true })),
      ['nothing', 'nothing', 'nothing', 'nothing', 'malformed', 'malformed'],
    ],
  ])('%s', (_name, reports, expected) => expect(feed(reports)).toEqual(expected))

  test('a part that comes too late is no part, and no code', () => {
    const parts = [
      report({ text: full, more: true }),
      report({ text: '1234' }),
      report({ text: '5' }),
    ]
    expect(feed(parts, 600)).toEqual(['nothing', 'malformed', '5'])
  })

  test('the rest of a code that was broken off is no code', () => {
    const { state } = readPos(noPos, report({ text: full, more: true }), 0)
    const rest = readPos(breakPos(state), report({ text: '1234' }), 8)
    expect(said(rest.reading)).toBe('malformed')
    expect(said(readPos(rest.state, report({ text: '5' }), 16).reading)).toBe('5')
  })

  test('no bytes throw, or make a text that was not in them', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc
        .uint8Array({ minLength: 59, maxLength: 59 })
        .map((rest) => Uint8Array.of(2, (rest[0] ?? 0) % 60, 0x5d, 0x43, 0x30, ...rest)),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 12 }), (reports) => {
        const all = Buffer.concat(
          reports.map((one) => (one.length === 64 ? one.subarray(5) : one)),
        ).toString('latin1')
        let state = noPos
        for (const one of reports) {
          const step = readPos(state, one, 0)
          state = step.state
          if (step.reading?.type !== 'card' || step.reading.data.type !== 'text') continue
          const { text } = step.reading.data
          expect(text).toMatch(/^[\x20-\x7e]+$/)
          expect(text.length).toBeLessThanOrEqual(posLimit)
          for (const character of text) expect(all).toContain(character)
        }
      }),
    )
  })
})
