import { EventEmitter } from 'node:events'
import { beforeAll, expect, test, vi } from 'vitest'
import { refuseSurprises } from './refuse-surprises.ts'

const app = vi.hoisted(() => ({ events: null as EventEmitter | null }))
vi.mock('electron', () => {
  app.events = new EventEmitter()
  return { app: app.events }
})

/** As Electron tells it: the event first, what decides last. */
const happens = (name: string, ...rest: readonly unknown[]) => {
  const event = { preventDefault: vi.fn<() => void>() }
  app.events?.emit(name, event, ...rest)
  return event
}
beforeAll(() => {
  refuseSurprises()
  // Each seat of a process asks for it.
  refuseSurprises()
})

test('a wrong certificate is refused, and nobody is asked whether it may pass', () => {
  const accept = vi.fn<(trusted: boolean) => void>()
  const url = 'https://ehr.willowbrook.example'
  const event = happens('certificate-error', {}, url, 'net::ERR_CERT_DATE_INVALID', {}, accept)
  expect(event.preventDefault).toHaveBeenCalledOnce()
  expect(accept.mock.calls).toEqual([[false]])
})

test('no certificate of the machine is shown to a server, and no password is asked for', () => {
  const choose = vi.fn<(certificate?: object) => void>()
  const asked = happens('select-client-certificate', {}, 'https://x.example', [{}], choose)
  expect(asked.preventDefault).toHaveBeenCalledOnce()
  expect(choose.mock.calls).toEqual([[]])
  expect(happens('login').preventDefault).toHaveBeenCalledOnce()
})
