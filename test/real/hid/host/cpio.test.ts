import { describe, expect, test } from 'vitest'
import { createCpio } from './cpio.ts'

const archive = createCpio([
  { type: 'directory', path: 'dev' },
  { type: 'character-device', path: 'dev/console', major: 5, minor: 1 },
  { type: 'file', path: 'init', data: Buffer.from('#!/bin/sh\n'), executable: true },
  { type: 'link', path: 'sbin', target: 'bin' },
])

const starts: number[] = []
for (let at = archive.indexOf('070701'); at >= 0; at = archive.indexOf('070701', at + 1)) {
  starts.push(at)
}

/** Fields of the header in the order of the format: mode is 1, size 6, device 9 and 10. */
const field = (member: number, index: number) => {
  const from = (starts[member] ?? 0) + 6 + 8 * index
  return Number.parseInt(archive.toString('latin1', from, from + 8), 16)
}
const nameAndData = (member: number) =>
  archive.toString('latin1', (starts[member] ?? 0) + 110, starts[member + 1])

describe('an archive for the kernel', () => {
  test('starts every member on a multiple of four bytes and ends with the trailer', () => {
    expect(starts).toHaveLength(5)
    expect(starts.every((at) => at % 4 === 0)).toBe(true)
    expect(nameAndData(4)).toMatch(/^TRAILER!!!\0/)
    expect(archive.length % 4).toBe(0)
  })

  test('says what each member is', () => {
    const modes = [0, 1, 2, 3].map((member) => field(member, 1).toString(8))
    expect(modes).toEqual(['40755', '20600', '100755', '120777'])
    expect([field(1, 9), field(1, 10)]).toEqual([5, 1])
    expect(field(2, 6)).toBe(10)
    expect(nameAndData(2)).toBe('init\0\0#!/bin/sh\n\0\0')
    expect(nameAndData(3)).toMatch(/^sbin\0\0bin/)
  })
})
