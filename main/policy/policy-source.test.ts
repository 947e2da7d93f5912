import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filePolicySource } from './policy-source.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function read(text: string) {
  const path = join(folder, 'policy.json')
  writeFileSync(path, text)
  return filePolicySource(path).read()
}

describe('a policy file', () => {
  test('that does not exist is absent, not wrong', () => {
    expect(filePolicySource(join(folder, 'policy.json')).read()).toEqual({ state: 'absent' })
  })

  test.each([
    ['', '{"screen.locale": "de"}'],
    [' with a byte order mark', '\uFEFF{"screen.locale": "de"}'],
  ])('holds names and values%s', (_, text) => {
    expect(read(text)).toEqual({ state: 'found', values: { 'screen.locale': 'de' } })
  })

  test.each([
    ['', 'not JSON'],
    ['{"screen.locale": "de"', 'not JSON'],
    ['{"a": 1,}', 'not JSON'],
    ['[1]', 'got an array'],
    ['null', 'got null'],
    ['"text"', 'got a string'],
  ])('of %j is unreadable, and the detail says why', (text, detail) => {
    expect(read(text)).toEqual({ state: 'unreadable', detail: expect.stringContaining(detail) })
  })

  test('that is a folder is unreadable', () => {
    expect(filePolicySource(folder).read()).toMatchObject({
      state: 'unreadable',
      detail: expect.stringContaining('EISDIR'),
    })
  })

  // The superuser reads every file, so there is nothing to refuse.
  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'without permission is unreadable, not absent',
    () => {
      const path = join(folder, 'policy.json')
      writeFileSync(path, '{}')
      chmodSync(path, 0o000)
      expect(filePolicySource(path).read()).toMatchObject({
        state: 'unreadable',
        detail: expect.stringContaining('EACCES'),
      })
    },
  )
})
