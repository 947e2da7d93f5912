/** One picture of an icon: a square PNG and its side in pixels (1 to 256). */
export interface IconImage {
  readonly side: number
  readonly png: Uint8Array
}

/**
 * Windows icon file (ICONDIR, ICONDIRENTRY[], PNG data), as Windows Vista and later read it.
 * Pictures are written from the smallest to the largest.
 */
export function encodeIco(images: readonly IconImage[]): Uint8Array {
  const sorted = images.toSorted((a, b) => a.side - b.side)
  const header = Buffer.alloc(6 + 16 * sorted.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(sorted.length, 4)
  let offset = header.length
  for (const [index, { side, png }] of sorted.entries()) {
    if (side < 1 || side > 256) throw new RangeError(`icon side: got ${side}, expected 1 to 256`)
    const at = 6 + 16 * index
    // A side of 256 is written as 0.
    header.writeUInt8(side % 256, at)
    header.writeUInt8(side % 256, at + 1)
    header.writeUInt16LE(1, at + 4)
    header.writeUInt16LE(32, at + 6)
    header.writeUInt32LE(png.length, at + 8)
    header.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([header, ...sorted.map((image) => image.png)])
}

/** The sides of the pictures in an icon file; throws when it is not one. */
export function icoSides(file: Uint8Array): readonly number[] {
  const data = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (data.length < 6 || data.readUInt16LE(0) !== 0 || data.readUInt16LE(2) !== 1)
    throw new Error('not a Windows icon file: its header is wrong')
  const count = data.readUInt16LE(4)
  return Array.from({ length: count }, (_, index) => data.readUInt8(6 + 16 * index) || 256)
}
