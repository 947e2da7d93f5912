import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadOrder } from './modules.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-modules-'))
  mkdirSync(join(directory, 'kernel'))
  writeFileSync(join(directory, 'modules.builtin'), 'kernel/drivers/hid/hidraw.ko\n')
})
afterEach(() => rmSync(directory, { recursive: true }))

const put = (file: string, depends: string) =>
  writeFileSync(
    join(directory, 'kernel', file),
    `ELF\0license=GPL\0depends=${depends}\0name=${file}\0`,
  )

describe('the order of kernel modules', () => {
  test('puts what is depended on first, each once, and leaves out what is built in', () => {
    put('hid.ko', '')
    put('hid-generic.ko', 'hid')
    put('uhid.ko', 'hid,hidraw')
    const names = loadOrder(directory, ['hid-generic', 'uhid']).map(({ name }) => name)
    expect(names).toEqual(['hid', 'hid_generic', 'uhid'])
  })

  test('is refused with the name of the module that is missing', () => {
    put('uhid.ko', 'hid')
    expect(() => loadOrder(directory, ['uhid'])).toThrow(/no module hid,/)
  })
})
