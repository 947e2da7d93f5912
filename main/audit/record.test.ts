import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { type AuditInput, auditInputSchema } from './events.ts'
import { recordHash } from './record.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '","session":null,"workstation":null}',
    ',"session":',
    ',"workstation":"w"}',
    'back\\slash',
    'quote"',
  ),
)
const named = fc.option(text)
const bodies: fc.Arbitrary<AuditInput> = fc.record({
  event: fc.constantFrom('session.started', 'workstation.reported'),
  outcome: fc.constantFrom(0, 4, 8, 12),
  actor: named,
  workstation: named,
  session: named,
  patient: named,
  assurance: fc.option(fc.record({ aal: fc.nat(2), verifiedAt: fc.nat() })),
  purposeOfUse: named,
  detail: fc.dictionary(
    fc.oneof(text, fc.constantFrom('session', 'workstation', 'zzz')),
    fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    { maxKeys: 4, noNullPrototype: true },
  ),
})

/** As RFC 8785 has it, by the library; RFC 9162 2.1.1 for the leaf. */
function leafOf(body: string, place: { seq: number; time: number; salt: Uint8Array }): string {
  const whole: object = {
    ...(JSON.parse(body) as object),
    ...place,
    salt: Buffer.from(place.salt).toString('hex'),
  }
  return createHash('sha256')
    .update('\0')
    .update(canonicalize(whole) ?? '')
    .digest('hex')
}

test('a leaf is the hash of the canonical record, whatever its texts look like', () => {
  const salts = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(bodies, fc.nat(), fc.nat(), salts, (input, seq, time, salt) => {
      const body = canonicalJson(auditInputSchema.parse(input))
      const hash = Buffer.from(recordHash({ seq, time, salt, body })).toString('hex')
      expect(hash).toBe(leafOf(body, { seq, time, salt }))
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['{"detail":{"a":1,"session":"s","workstation":"w"}}'],
  ['{"detail":{"a":1,"session":null,"workstation":null},"workstation":null}'],
  ['{"a":1,"session":null,"workstation":null,"zone":"z"}'],
  ['{"session":null,"workstation":null}'],
])('of a body of another shape, too: %s', (body) => {
  const place = { seq: 7, time: 8, salt: new Uint8Array(16).fill(9) }
  const hash = Buffer.from(recordHash({ ...place, body })).toString('hex')
  expect(hash).toBe(leafOf(body, place))
})
