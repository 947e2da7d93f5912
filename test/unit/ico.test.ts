import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeIco, icoSides } from '../../scripts/ico.ts'

test('an icon lists the sides it was made of, smallest first, each picture where it says', () => {
  const image = fc.record({
    side: fc.integer({ min: 1, max: 256 }),
    png: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  })
  fc.assert(
    fc.property(fc.array(image, { minLength: 1, maxLength: 6 }), (images) => {
      const file = Buffer.from(encodeIco(images))
      const sorted = images.toSorted((a, b) => a.side - b.side)
      expect(icoSides(file)).toEqual(sorted.map(({ side }) => side))
      for (const [index, { png }] of sorted.entries()) {
        const length = file.readUInt32LE(6 + 16 * index + 8)
        const offset = file.readUInt32LE(6 + 16 * index + 12)
        expect(file.subarray(offset, offset + length)).toEqual(Buffer.from(png))
      }
    }),
  )
})

test('a side that Windows icons cannot express is refused', () => {
  expect(() => encodeIco([{ side: 257, png: new Uint8Array(1) }])).toThrow(/257/)
})

test('the icon of the product holds every size that Windows asks for', async () => {
  const file = await readFile('assets/icons/lanyard.ico')
  expect(icoSides(file)).toEqual([16, 20, 24, 32, 40, 48, 64, 128, 256])
  expect(() => icoSides(file.subarray(1))).toThrow(/not a Windows icon/)
})
