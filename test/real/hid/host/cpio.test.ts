import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createCpio } from './cpio.ts'

const archive = createCpio([
  { type: 'directory', path: 'dev' },
  { type: 'character-device', path: 'dev/console', major: 5, minor: 1 },
  { type: 'file', path: 'init', data: Buffer.from('#!/bin/sh\n'), executable: true },
  { type: 'link', path: 'sbin', target: 'bin' },
])

describe('an archive for the kernel', () => {
  test('starts every member on a multiple of four bytes and ends with the trailer', () => {
    const starts: number[] = []
    for (let at = archive.indexOf('070701'); at >= 0; at = archive.indexOf('070701', at + 1)) {
      starts.push(at)
    }
    expect(starts).toHaveLength(5)
    expect(starts.every((at) => at % 4 === 0)).toBe(true)
    expect(archive.subarray(starts[4]).includes('TRAILER!!!\0')).toBe(true)
    expect(archive.length % 4).toBe(0)
  })

  // The kernel of the guest is the reader that counts; this one says what is wrong.
  test('is listed by another program as it was written', (context) => {
    const listing = spawnSync('cpio', ['-itv', '--quiet'], { input: archive, encoding: 'utf8' })
    if (listing.error) context.skip('cpio is not installed (apt-get install cpio)')
    expect(listing.stdout).toMatch(/drwxr-xr-x .* dev\n/)
    expect(listing.stdout).toMatch(/crw------- .*5, +1 .* dev\/console\n/)
    expect(listing.stdout).toMatch(/-rwxr-xr-x .* 10 .* init\n/)
    expect(listing.stdout).toMatch(/lrwxrwxrwx .* sbin -> bin\n/)
  })
})
