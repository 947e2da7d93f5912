import { EventEmitter } from 'node:events'
import type { Session } from 'electron'
import { expect, test, vi } from 'vitest'
import { denyPermissions } from './permissions.ts'

test('whatever a page asks for is refused and reported by name', () => {
  const handlers: Record<string, (...args: never[]) => unknown> = {}
  const events = new EventEmitter()
  const reports: string[] = []
  const keep = (name: string) => (handler: unknown) => {
    handlers[name] = handler as (...args: never[]) => unknown
  }
  denyPermissions(
    {
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
      on: events.on.bind(events),
    } as unknown as Session,
    (permission) => reports.push(permission),
  )
  const answer = vi.fn<(granted: boolean) => void>()
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'hid'])
    handlers['request']?.(...([null, permission, answer] as never[]))
  expect(answer.mock.calls).toEqual([[false], [false], [false], [false], [false]])
  expect(handlers['check']?.()).toBe(false)
  expect(handlers['device']?.()).toBe(false)
  const preventDefault = vi.fn<() => void>()
  events.emit('will-download', { preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
  expect(reports).toEqual([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'hid',
    'download',
  ])
})
