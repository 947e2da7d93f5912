import { expect, test } from 'vitest'
import type { CardData, ReaderIdentity } from './card-data.ts'
import { explain } from './explain.ts'
import { inspectionSchema } from './inspection.ts'
import { mask, maskIdentity } from './mask.ts'
import { siteProfileSchema } from './site-profile.ts'
import { encodeWiegand, h10301 } from './wiegand.ts'

const reader: ReaderIdentity = {
  kind: 'pcprox',
  model: 'RF IDeas pcProx / WAVE ID',
  vendorId: 0x0c27,
  productId: 0x3bfa,
  name: '',
}
const data: CardData = {
  type: 'word',
  word: encodeWiegand(h10301, { facility: 118, number: 1603 }),
  strip: { lead: 0, trail: 0 },
  raw: Uint8Array.of(0x86, 0x0c, 0xec, 0x02),
  transforms: ['bytes reversed'],
}
const site = { format: 'H10301', profiles: [] } as const

test('a word is explained step by step, with its digits covered', () => {
  const { inspection, badge } = explain(data, reader, site, 'masked')
  expect(inspection).toMatchObject({
    raw: '26 bits: •••',
    transforms: ['bytes reversed'],
    candidates: expect.arrayContaining([
      { format: 'H10301', facility: '•••', number: '•••', parity: true },
    ]),
    profile: 'site: H10301',
    result: { outcome: 'badge', identity: 'WIEGAND|H10301|26|•18|••03' },
  })
  expect(badge).toBe('WIEGAND|H10301|26|118|1603')
  expect(JSON.stringify(inspection)).not.toMatch(/1603|860cec/)
  // Remainders of one number in several formats would give it away together.
  for (const { facility, number } of inspection.candidates)
    expect([facility, number]).toEqual(['•••', '•••'])
  expect(
    inspectionSchema.safeParse({ ...inspection, reader: 'a', model: 'm', at: 1 }).success,
  ).toBe(true)
})

test('digits are shown when they were asked for', () => {
  const { inspection } = explain(data, reader, site, 'revealed')
  expect(inspection.raw).toBe('26 bits: 860cec02')
  expect(inspection.result).toMatchObject({ identity: 'WIEGAND|H10301|26|118|1603' })
})

test('stripped parity, the profile that held and why there is no badge are said', () => {
  const strict = siteProfileSchema.parse({
    reader: 'pcprox',
    cards: 'wiegand',
    format: 'H10301',
    parity: 'require',
  })
  const stripped: CardData = {
    ...data,
    word: { bits: 24, value: (data.word.value >> 1n) & 0xff_ffffn },
    strip: { lead: 1, trail: 1 },
  }
  const { inspection } = explain(stripped, reader, { ...site, profiles: [strict] }, 'masked')
  expect(inspection.transforms).toContain('the reader stripped 1+1 parity bits')
  expect(inspection.profile).toBe('pcprox: H10301, parity require, length 26')
  expect(inspection.result).toEqual({ outcome: 'no-badge', reason: 'parity-stripped' })
})

test.each([
  ['', ''],
  ['7', '•'],
  ['42', '••'],
  ['1603', '••03'],
])('%j is masked as %j', (text, masked) => {
  expect(mask(text)).toBe(masked)
})

test('a raw identity keeps what kind of card it is, and hides the rest', () => {
  expect(maskIdentity('ISO14443A|RAW|56|04a1b2c3d4e580')).toBe('ISO14443A|RAW|56|••••••••••••80')
})
