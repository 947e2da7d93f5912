import { expect, test, vi } from 'vitest'
import { clearSlot } from './slot-clearing.ts'
import type { ClearingOptions } from './slot-clearing.ts'

interface State {
  readonly cookies?: number
  readonly leftovers?: Readonly<Record<string, unknown>>
  readonly failing?: string
}

const slot = ({ cookies = 0, leftovers = {}, failing }: State = {}) => {
  const done: string[] = []
  const clear = (name: string) => () => {
    done.push(name)
    return name === failing ? Promise.reject(new Error(name)) : Promise.resolve()
  }
  let standsOn = ''
  const session = {
    closeAllConnections: clear('closeAllConnections'),
    clearData: clear('clearData'),
    clearStorageData: clear('clearStorageData'),
    clearCache: clear('clearCache'),
    clearAuthCache: clear('clearAuthCache'),
    clearCodeCaches: clear('clearCodeCaches'),
    clearHostResolverCache: clear('clearHostResolverCache'),
    cookies: { get: () => Promise.resolve(Array.from({ length: cookies })) },
    protocol: {
      handle: (scheme: string) => done.push(`handle ${scheme}`),
      unhandle: (scheme: string) => done.push(`unhandle ${scheme}`),
    },
  } as unknown as ClearingOptions['session']
  const createProbe = () => ({
    webContents: {
      loadURL: (url: string) => {
        standsOn = new URL(url).origin
        return Promise.resolve()
      },
      close: () => done.push('close'),
      debugger: {
        attach: () => undefined,
        detach: () => undefined,
        sendCommand: () =>
          Promise.resolve({ result: { value: standsOn in leftovers ? leftovers[standsOn] : 0 } }),
      },
    },
  })
  const origins = ['https://ehr.hospital.example', 'https://pacs.hospital.example']
  return { done, run: () => clearSlot({ session, createProbe, origins }) }
}

test('everything is cleared, then every origin is looked at, then nothing is intercepted', async () => {
  const { done, run } = slot()
  expect(await run()).toBe(true)
  expect(done).toEqual([
    'closeAllConnections',
    'clearData',
    'clearStorageData',
    'clearCache',
    'clearAuthCache',
    'clearCodeCaches',
    'clearHostResolverCache',
    'handle https',
    'handle http',
    'close',
    'unhandle https',
    'unhandle http',
  ])
})

test.each([
  ['a cookie', { cookies: 1 }],
  ['something stored on one origin', { leftovers: { 'https://pacs.hospital.example': 1 } }],
  ['an answer that is no number', { leftovers: { 'https://ehr.hospital.example': undefined } }],
])('%s left behind: the slot is not clean', async (_what, options) => {
  const { run } = slot(options)
  expect(await run()).toBe(false)
})

test('a clearing that fails is no clearing', async () => {
  const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  expect(await slot({ failing: 'clearStorageData' }).run()).toBe(false)
  expect(silent).toHaveBeenCalledOnce()
  silent.mockRestore()
})
