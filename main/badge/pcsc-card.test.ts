import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ReaderIdentity } from './card-data.ts'
import { identify } from './identify.ts'
import { readPcscCard } from './pcsc-card.ts'
import { siteProfilesSchema } from './site-profile.ts'

const readerOf = (name: string): ReaderIdentity => ({
  kind: 'pcsc',
  model: name,
  vendorId: null,
  productId: null,
  name,
})
const omnikey = readerOf('HID Global OMNIKEY 5427 CK Smart Card Reader 0')
const acs = readerOf('ACS ACR1252 1S CL Reader PICC 0')
const pacs = '9d0803060381258c47d09000'
const uid = '04a1b2c3d4e5809000'
const desfire = '3b8180018080'

async function read(
  answers: Readonly<Record<string, string>>,
  { reader = omnikey, atr = desfire, profiles = [] as unknown[] } = {},
) {
  const asked: string[] = []
  const transmit = async (command: Uint8Array) => {
    const ins = Buffer.from(command).toString('hex').slice(0, 4)
    asked.push(ins)
    return Buffer.from(answers[ins] ?? '6d00', 'hex')
  }
  const site = { profiles: siteProfilesSchema.parse(profiles) }
  const reading = await readPcscCard({ atr: Buffer.from(atr, 'hex'), transmit }, reader, site)
  return { asked, kind: reading.type === 'card' ? reading.data.type : reading.why, reading }
}

const wiegand = { cards: 'wiegand', format: 'raw', length: 37 }
const chip = { cards: 'chip', chip: 'DESFIRE' }

describe('what a card is asked', () => {
  test.each([
    ['no profile', [], 'word'],
    ['words', [wiegand], 'word'],
    ['chips', [chip], 'chip'],
    [
      'chips at this reader, words at others',
      [{ ...chip, reader: 'pcsc:omnikey' }, wiegand],
      'chip',
    ],
    [
      'words at this reader, chips at others',
      [{ ...wiegand, reader: 'pcsc:omnikey' }, chip],
      'word',
    ],
    ['chips at another reader', [{ ...chip, reader: 'pcsc:ACR' }], 'word'],
    ['bar codes alone', [{ cards: 'text', length: 8 }], 'word'],
  ])('an OMNIKEY, where the site has %s', async (_name, profiles, kind) => {
    const { asked, ...seen } = await read({ ff70: pacs, ffca: uid }, { profiles })
    expect([seen.kind, asked]).toEqual([kind, [kind === 'word' ? 'ff70' : 'ffca']])
  })

  test.each(['6a81', '6d00', '9000', '', '9d0803060381258c47d06300', '9d0903060381258c47d09000'])(
    'an OMNIKEY that answers %j to that is asked for the identifier',
    async (answer) => {
      const { asked, kind } = await read({ ff70: answer, ffca: uid })
      expect([kind, asked]).toEqual(['chip', ['ff70', 'ffca']])
    },
  )

  test('another reader is asked for the identifier alone', async () => {
    expect((await read({ ff70: pacs, ffca: uid }, { reader: acs })).asked).toEqual(['ffca'])
  })

  test('a contact card is asked nothing, whatever the reader', async () => {
    for (const reader of [omnikey, acs]) {
      const seen = await read({ ff70: pacs, ffca: uid }, { reader, atr: '3bdd00ff8150fe' })
      expect([seen.kind, seen.asked]).toEqual(['a contact card, which is no badge', []])
    }
  })

  test('a proximity card at an OMNIKEY is asked for its bits and nothing else', async () => {
    const prox = { atr: '3b050002f1d34c' }
    expect((await read({ ff70: pacs, ffca: uid }, prox)).kind).toBe('word')
    const without = await read({ ffca: uid }, prox)
    expect([without.kind, without.asked]).toEqual(['a card without an identifier', ['ff70']])
  })

  test.each(['', '90', '9000', '6a81', '6300', '0102039000', '04a1b2c3d4e5806282'])(
    'the answer %j is no identifier',
    async (answer) => {
      const { kind } = await read({ ffca: answer }, { reader: acs })
      expect(kind).toBe('a card without an identifier')
    },
  )
})

test('no answers make it throw, and a badge comes only of an answer that ends well', async () => {
  const answers = fc.record({
    ff70: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.from(pacs, 'hex'))),
    ffca: fc.uint8Array({ maxLength: 20 }),
    atr: fc.oneof(fc.uint8Array({ maxLength: 33 }), fc.constant(Buffer.from(desfire, 'hex'))),
  })
  await fc.assert(
    fc.asyncProperty(answers, async ({ ff70, ffca, atr }) => {
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
      const { reading } = await read({ ff70: hex(ff70), ffca: hex(ffca) }, { atr: hex(atr) })
      if (reading.type !== 'card') return
      identify(reading.data, omnikey, { format: 'H10301', profiles: [] })
      const source = reading.data.type === 'word' ? ff70 : ffca
      expect(hex(source)).toMatch(/9000$/)
    }),
    { numRuns: 500 },
  )
})
