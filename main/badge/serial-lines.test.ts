import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { breakLine, isHalf, noLines, splitLines, type Line } from './serial-lines.ts'

const limit = 64
const bytesOf = (text: string) => Buffer.from(text, 'latin1')

function feed(chunks: readonly Uint8Array[]) {
  let state = noLines
  const lines: Line[] = []
  for (const chunk of chunks) {
    const step = splitLines(state, chunk, limit)
    state = step.state
    lines.push(...step.lines)
  }
  return { state, lines }
}
const texts = (lines: readonly Line[]) =>
  lines.map((line) => (line.type === 'line' ? line.text : null))

const long = 'x'.repeat(limit)

describe('lines out of bytes', () => {
  test.each([
    ['a line that CR ends', ['1234\r'], ['1234']],
    ['a line that LF ends', ['1234\n'], ['1234']],
    ['a line that both end', ['1234\r\n'], ['1234']],
    ['two lines in one chunk', ['12\r\n34\r\n'], ['12', '34']],
    ['a line over several chunks', ['1', '', '23', '4\r'], ['1234']],
    ['CR and LF in different chunks', ['12\r', '\n34\r', '\n'], ['12', '34']],
    ['empty lines', ['\r\n\r\r\n\n'], []],
    ['half a line', ['1234'], []],
    ['the longest line', [`${long}\r`], [long]],
    ['a line longer than that', [`${long}x\r12\r`], [null, '12']],
    ['a line with a NUL', ['12\u000034\r56\r'], [null, '56']],
    ['a line with a high byte', ['12\u00b234\r56\r'], [null, '56']],
    ['spaces, which belong to it', [' 12 \r'], [' 12 ']],
    ['three lengths without an end', [`${long}${long}${long}`], [null, null]],
  ])('%s', (_name, chunks, expected) => {
    expect(texts(feed(chunks.map(bytesOf)).lines)).toEqual(expected)
  })

  test('what a broken line has left is not a line', () => {
    const broken = breakLine(feed([bytesOf('1234')]).state)
    const after = splitLines(broken, bytesOf('56\r78\r'), limit)
    expect(texts(after.lines)).toEqual([null, '78'])
  })

  test('nothing is broken between two lines', () => {
    expect(breakLine(feed([bytesOf('12\r')]).state)).toEqual(noLines)
  })
})

const chunked = (bytes: Uint8Array, cuts: readonly number[]) => {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]
  const places = at.toSorted((a, b) => a - b)
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place))
}
const stream = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', '\u0000'),
      fc.string({
        unit: fc.constantFrom('0', '1', '9', 'A', 'F', ';', '{', '}', ' '),
        maxLength: 90,
      }),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    { maxLength: 20 },
  )
  .map((parts) => bytesOf(parts.join('')))

describe('whatever comes', () => {
  test('how it is cut into chunks makes no difference', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, cuts) => {
        expect(feed(chunked(bytes, cuts))).toEqual(feed([bytes]))
      }),
    )
  })

  test('every line was sent as it is, between two ends, and is printable and short', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const sent = bytes.toString('latin1').split(/[\r\n]/)
        for (const line of feed([bytes]).lines) {
          if (line.type !== 'line') continue
          expect(sent).toContain(line.text)
          expect(line.text).toMatch(/^[\x20-\x7e]{1,64}$/)
        }
      }),
    )
  })

  test('little is held, however much comes without an end', () => {
    const { state, lines } = feed([Buffer.alloc(100_000, 0x41)])
    expect(state.held.length).toBeLessThanOrEqual(limit)
    expect(isHalf(state)).toBe(true)
    expect(lines.every(({ type }) => type === 'malformed')).toBe(true)
  })
})
