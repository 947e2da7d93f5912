import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFakePort, createFakeReader, pcscError } from '../../test/real/pcsc/fake-port.ts'
import { createPcscSource } from './pcsc-source.ts'
import { createReaderHost } from './reader-host.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

const options = { format: 'raw', profiles: [], ports: [], pollMs: 150, debounceMs: 0 } as const

function start(prepare: (port: ReturnType<typeof createFakePort>) => void) {
  const port = createFakePort()
  prepare(port)
  const said: string[] = []
  const host = createReaderHost({
    source: createPcscSource({ pcsc: port.pcsc, platform: 'linux' }),
    now: () => Date.now(),
    send: (message) => {
      if (message.type === 'reader') said.push(`${message.model} ${message.state}`.trim())
    },
  })
  host.obey({ type: 'configure', ...options, profiles: [], ports: [], avoid: [] })
  return { port, said }
}

describe('the readers of the service', () => {
  test.each([
    ['ACS ACR122U PICC Interface 00 00', 'ACS ACR122U PICC Interface'],
    [
      'HID Global OMNIKEY 5427 CK Smart Card Reader 0',
      'HID Global OMNIKEY 5427 CK Smart Card Reader',
    ],
    [
      'OMNIKEY 5422 [OMNIKEY 5422CL Smartcard Reader] (KF0352012345) 01 00',
      'OMNIKEY 5422 [OMNIKEY 5422CL Smartcard Reader]',
    ],
  ])('%s is called without its serial number', async (name, model) => {
    const port = createFakePort()
    port.has(createFakeReader(name))
    const [found] = await createPcscSource({ pcsc: port.pcsc }).list(options)
    expect(found).toMatchObject({ key: name, identity: { kind: 'pcsc', model, name } })
  })

  test.each([
    'Yubico YubiKey OTP+FIDO+CCID 0',
    'Windows Hello for Business 1',
    'Microsoft UICC ISO Reader 4e8fae9d 0',
    'ACS ACR1252 1S CL Reader SAM 0',
  ])('%s is no reader of badges', async (name) => {
    const port = createFakePort()
    port.has(createFakeReader(name))
    expect(await createPcscSource({ pcsc: port.pcsc }).list(options)).toEqual([])
  })
})

describe('the service', () => {
  test('that is not there is no complaint, and is looked for slowly', async () => {
    const { port, said } = start((service) => service.fail(pcscError('NoService')))
    await pass(60_000)
    expect(said).toEqual(['starting', 'missing'])
    expect(port.lists).toBeLessThanOrEqual(31)
  })

  test('that goes takes its readers with it, and brings them back', async () => {
    const { port, said } = start((service) => service.has(createFakeReader('ACS ACR1252 0')))
    await pass(100)
    port.fail(pcscError('NoService'))
    port.changed()
    await pass(10_000)
    port.has(createFakeReader('ACS ACR1252 0'))
    await pass(10_000)
    expect(said).toEqual([
      'starting',
      'ACS ACR1252 ready',
      'ACS ACR1252 unplugged',
      'missing',
      'ACS ACR1252 ready',
    ])
  })

  test('that has no reader yet tells of one, which is in use within a second', async () => {
    const { port, said } = start((service) => service.has())
    await pass(2_100)
    port.has(createFakeReader('ACS ACR1252 0'))
    port.changed()
    await pass(500)
    expect(said).toEqual(['starting', 'missing', 'ACS ACR1252 ready'])
  })

  test.each([
    ['linux', pcscError('NoService'), 'missing', 'systemctl enable --now pcscd.socket'],
    ['win32', pcscError('NoService'), 'missing', 'SCardSvr'],
    [
      'linux',
      new Error('libpcsclite.so.1: cannot open'),
      'missing',
      'apt-get install libpcsclite1',
    ],
    ['linux', pcscError('SecurityViolation'), 'permission-denied', 'polkit'],
    ['win32', new Error('addon dependency not found'), 'driver-missing', 'Reinstall Lanyard'],
    ['linux', pcscError('ServerTooBusy'), 'missing', 'ServerTooBusy'],
  ] as const)('on %s: %s is %s', (platform, error, state, advice) => {
    const source = createPcscSource({ pcsc: createFakePort().pcsc, platform })
    expect(source.stateOf?.(error)).toBe(state)
    expect(source.advise(error)).toContain(advice)
  })
})
