import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { accountName } from './account-name.ts'

test('an account has its name on record', () => {
  expect(accountName()).toBe(userInfo().username)
})

test('and its number where it has no name', () => {
  const nameless = () => {
    throw new Error('uv_os_get_passwd returned ENOENT')
  }
  expect(accountName(nameless)).toBe(`uid-${process.getuid?.()}`)
})
