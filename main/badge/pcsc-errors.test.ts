import { describe, expect, test } from 'vitest'
import { classifyPcscError, pcscErrorText } from './pcsc-errors.ts'

const coded = (code: string) => Object.assign(new Error('error'), { code })
const library = new Error(
  'Required addon dependency not found (@pcsc-mini/linux-x86_64-gnu):\nError: libpcsclite.so.1: cannot open shared object file',
)

describe('what an error of the service means', () => {
  test.each([
    ['NoService', 'no-service'],
    ['ServiceStopped', 'no-service'],
    ['SecurityViolation', 'denied'],
    ['SharingViolation', 'shared'],
    ['RemovedCard', 'card-gone'],
    ['UnknownReader', 'reader-gone'],
    ['CommError', 'failed'],
    ['TooManyCardConnections', 'failed'],
  ])('%s', (code, fault) => {
    expect(classifyPcscError(coded(code))).toBe(fault)
  })

  test('the library is missing, or the module, or who knows', () => {
    expect(classifyPcscError(library)).toBe('no-library')
    expect(classifyPcscError(new Error('Unsupported platform: sunos-x64'))).toBe('no-module')
    expect(classifyPcscError('nonsense')).toBe('failed')
    expect(classifyPcscError(undefined)).toBe('failed')
  })

  test('its text is one line', () => {
    expect(pcscErrorText(library)).toBe(
      'Required addon dependency not found (@pcsc-mini/linux-x86_64-gnu)',
    )
  })
})
