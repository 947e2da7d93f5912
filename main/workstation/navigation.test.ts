import { EventEmitter } from 'node:events'
import type { WebContents } from 'electron'
import { expect, test } from 'vitest'
import { guardNavigation, mayNavigate } from './navigation.ts'

const origins = new Set(['https://ehr.hospital.example', 'http://127.0.0.1:8080'])

test.each([
  ['the application itself', 'https://ehr.hospital.example/chart?p=1', true],
  ['its default port written out', 'https://ehr.hospital.example:443/', true],
  ['upper case', 'HTTPS://EHR.hospital.example/', true],
  ['the authority on loopback', 'http://127.0.0.1:8080/launch', true],
  ['another port', 'https://ehr.hospital.example:8443/', false],
  ['plain http instead', 'http://ehr.hospital.example/', false],
  ['a longer host with the same beginning', 'https://ehr.hospital.example.evil.example/', false],
  ['credentials made to be misread', 'https://ehr.hospital.example@evil.example/', false],
  ['credentials on the right host', 'https://user@ehr.hospital.example/', false],
  ['a subdomain', 'https://x.ehr.hospital.example/', false],
  ['a blob of the right origin', 'blob:https://ehr.hospital.example/1', false],
  ['a file', 'file:///etc/passwd', false],
  ['a script', 'javascript:alert(1)', false],
  ['data', 'data:text/html,x', false],
  ['nothing', '', false],
  ['nonsense', 'https://', false],
])('%s: %s → %s', (_what, address, allowed) => {
  expect(mayNavigate(address, origins)).toBe(allowed)
})

const guarded = () => {
  const contents = new EventEmitter() as EventEmitter & {
    setWindowOpenHandler: WebContents['setWindowOpenHandler']
  }
  const reports: string[] = []
  let onOpen: Parameters<WebContents['setWindowOpenHandler']>[0] = () => ({ action: 'allow' })
  contents.setWindowOpenHandler = (handler) => {
    onOpen = handler
  }
  guardNavigation(contents as unknown as WebContents, origins, (origin, how) =>
    reports.push(`${how} ${origin}`),
  )
  const go = (event: string, url: string, isMainFrame = true): boolean => {
    let prevented = false
    const preventDefault = () => {
      prevented = true
    }
    contents.emit(event, { url, isMainFrame, preventDefault })
    return !prevented
  }
  const openWindow = (url: string) => onOpen({ url } as Electron.HandlerDetails).action
  return { go, openWindow, reports }
}

test.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])(
  '%s is stopped outside the origins and reported without its path',
  (event) => {
    const { go, reports } = guarded()
    expect(go(event, 'https://ehr.hospital.example/a')).toBe(true)
    expect(reports).toEqual([])
    expect(go(event, 'https://elsewhere.example/patient/17')).toBe(false)
    expect(reports).toHaveLength(1)
    expect(reports[0]).toContain('https://elsewhere.example')
    expect(reports[0]).not.toContain('17')
  },
)

test('a blank frame is its own page, a blank main frame is not', () => {
  const { go } = guarded()
  expect(go('will-frame-navigate', 'about:srcdoc', false)).toBe(true)
  expect(go('will-frame-navigate', 'about:blank', true)).toBe(false)
})

test('no windows, not even on the own origin', () => {
  const { openWindow, reports } = guarded()
  expect(openWindow('https://ehr.hospital.example/popup')).toBe('deny')
  expect(reports).toEqual(['window https://ehr.hospital.example'])
})
