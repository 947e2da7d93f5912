import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readStripe, stripeBytes } from './stripe-report.ts'

interface Swipe {
  readonly track1?: string
  readonly track2?: string
  readonly status?: readonly number[]
}
function report({ track1 = '', track2 = '', status = [0, 0, 0] }: Swipe): Uint8Array {
  const bytes = new Uint8Array(stripeBytes)
  bytes.set([...status, track1.length, track2.length, 0, 0])
  bytes.set(Buffer.from(track1, 'latin1').subarray(0, 110), 7)
  bytes.set(Buffer.from(track2, 'latin1').subarray(0, 110), 117)
  return bytes
}
const badgeOf = (swipe: Swipe) => said(report(swipe))
function said(bytes: Uint8Array): string | null {
  const reading = readStripe(bytes)
  return reading.type === 'card' && reading.data.type === 'text' ? reading.data.text : null
}

/** Valid numbers of card schemes that stand in every test manual. */
const pan = '4111111111111111'
const amex = '378282246310005'

describe('magnetic stripes', () => {
  test.each([
    ['track 2', { track2: ';0012345?' }, '0012345'],
    ['track 2 up to its separator', { track2: ';0012345=991?' }, '0012345'],
    ['track 2 before track 1', { track1: '%AB123?', track2: ';0012345?' }, '0012345'],
    ['track 1 alone', { track1: '%AB123^DOE/JANE?' }, 'AB123'],
    [
      'a number of 16 digits with an expiry that fails the check',
      { track2: ';4111111111111112=9912?' },
      '4111111111111112',
    ],
    ['no end sentinel', { track2: ';0012345' }, null],
    ['no start sentinel', { track2: '0012345?' }, null],
    ['two end sentinels', { track2: ';00?345?' }, null],
    ['nothing between the sentinels', { track2: ';?' }, null],
    ['letters on track 2', { track2: ';00A2345?' }, null],
    ['small letters on track 1', { track1: '%ab123?' }, null],
    ['nothing', {}, null],
    ['track 2 could not be read', { track1: '%AB123?', status: [0, 1, 0] }, null],
    ['track 1 could not be read', { track2: ';0012345?', status: [1, 0, 0] }, null],
    ['track 3 could not be read', { track2: ';0012345?', status: [0, 0, 1] }, null],
    ['a track longer than its field', { track2: `;${'1'.repeat(120)}?` }, null],
  ])('%s', (_name, swipe, expected) => expect(badgeOf(swipe)).toBe(expected))

  test.each([
    ['track 2 of a payment card', { track2: `;${pan}=99121010000?` }],
    ['track 2 of a card of 15 digits', { track2: `;${amex}=99121010000?` }],
    ['track 1 of a payment card', { track1: `%B${pan}^DOE/JANE^99121010000?` }],
    ['track 1 with spaces in its number', { track1: '%B4111 1111 1111 1112^DOE/JANE^9912?' }],
    [
      'track 1 of a payment card, though track 2 is none',
      { track1: `%B${pan}^DOE/JANE^9912?`, track2: ';0012345?' },
    ],
    ['track 1 with a checked number and no separator', { track1: `%B${pan}?` }],
  ])('%s is refused, and nothing of it is left', (_name, swipe) => {
    const bytes = report(swipe)
    expect(said(bytes)).toBeNull()
    expect(bytes.every((byte) => byte === 0)).toBe(true)
  })

  test('no number of a payment card ever becomes a badge', () => {
    const number = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
      .map((digits) => {
        const sum = digits.toReversed().reduce((total, digit, index) => {
          const weighed = index % 2 === 0 ? digit * 2 : digit
          return total + (weighed > 9 ? weighed - 9 : weighed)
        }, 0)
        return `${digits.join('')}${(10 - (sum % 10)) % 10}`
      })
    fc.assert(
      fc.property(number, fc.integer({ min: 1000, max: 9999 }), (digits, expiry) => {
        expect(badgeOf({ track2: `;${digits}=${expiry}101?` })).toBeNull()
        expect(badgeOf({ track1: `%B${digits}^DOE/JANE^${expiry}101?` })).toBeNull()
      }),
    )
  })

  test('no bytes throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(() => readStripe(bytes)).not.toThrow()
      }),
    )
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: stripeBytes - 7, maxLength: stripeBytes - 7 }),
        fc.nat(120),
        fc.nat(120),
        (rest, a, b) => {
          expect(() => readStripe(Uint8Array.of(0, 0, 0, a, b, 0, 0, ...rest))).not.toThrow()
        },
      ),
    )
  })
})
