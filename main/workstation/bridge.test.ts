import { expect, test, vi } from 'vitest'
import type { Envelope } from '../../preload/contract.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { openBridge } from './bridge.ts'
import type { ShellCall } from './bridge.ts'

const origin = 'https://agent.hospital.example'
const mainFrame = { parent: null, origin }

const bridge = (onCall: (call: ShellCall) => Envelope = () => ({ ok: true })) => {
  let handler: ((...args: unknown[]) => unknown) | undefined
  const called = vi.fn<(call: ShellCall) => Envelope>(onCall)
  const refused: string[] = []
  const sent: unknown[][] = []
  const opened = openBridge({
    ipcMain: {
      handle: (_channel: string, listener: unknown) => {
        handler = listener as typeof handler
      },
      removeHandler: () => undefined,
    },
    shell: { id: 7, isDestroyed: () => false, send: (...args: unknown[]) => sent.push(args) },
    origin,
    onCall: called,
    onRefused: (code) => refused.push(code),
  })
  const invoke = (
    args: readonly unknown[],
    event: object = { sender: { id: 7 }, senderFrame: mainFrame },
  ) => handler?.(event, ...args)
  return { invoke, called, refused, sent, opened }
}

test('a well-formed call of the shell arrives parsed', () => {
  const { invoke, called } = bridge()
  const note = '  ten letters and more  '
  expect(invoke(['fallback.submit', { reason: 'key-lost', note }])).toEqual({ ok: true })
  expect(called).toHaveBeenCalledWith({
    type: 'call',
    name: 'fallback.submit',
    input: { reason: 'key-lost', note: note.trim() },
  })
})

test.each([
  ['another web contents', { sender: { id: 8 }, senderFrame: mainFrame }],
  ['a frame inside the shell', { sender: { id: 7 }, senderFrame: { parent: mainFrame, origin } }],
  [
    'another origin in the shell',
    { sender: { id: 7 }, senderFrame: { parent: null, origin: 'https://evil.example' } },
  ],
  [
    'an origin that only begins alike',
    { sender: { id: 7 }, senderFrame: { parent: null, origin: `${origin}.evil.example` } },
  ],
  ['a frame that is gone', { sender: { id: 7 }, senderFrame: null }],
  [
    'a frame that goes while it is looked at',
    {
      sender: { id: 7 },
      senderFrame: {
        get parent() {
          throw new Error('disposed')
        },
      },
    },
  ],
])('%s is refused, whatever it says', (_who, event) => {
  const { invoke, called, refused } = bridge()
  expect(invoke(['seat.lock', {}], event)).toEqual({ ok: false, code: 'wrong-sender' })
  expect(called).not.toHaveBeenCalled()
  expect(refused).toEqual(['wrong-sender'])
})

test.each([
  ['an unknown name', ['seat.open', {}]],
  ['a name from the prototype', ['constructor', {}]],
  ['no name', [undefined, {}]],
  ['a name that is no text', [{ toString: () => 'seat.lock' }, {}]],
  ['no input', ['seat.lock']],
  ['an input too many', ['seat.lock', {}, {}]],
  ['an unexpected field', ['seat.lock', { force: true }]],
  ['a wrong type', ['shell.painted', { version: '1' }]],
  ['a short note', ['fallback.submit', { reason: 'key-lost', note: '.........' }]],
  ['a reason that is not listed', ['fallback.submit', { reason: 'x', note: 'a long reason' }]],
  [
    'a patient that is no identifier',
    ['override.submit', { patient: '<b>', reason: 'other', note: 'a long reason' }],
  ],
  ['an oversized code', ['enrolment.begin', { code: 'x'.repeat(65) }]],
])('%s is refused as a bad request', (_what, args) => {
  const { invoke, called } = bridge()
  expect(invoke(args)).toEqual({ ok: false, code: 'bad-request' })
  expect(called).not.toHaveBeenCalled()
})

test('a failure behind the bridge becomes a code, not a message', () => {
  const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const { invoke } = bridge(() => {
    throw new Error('a detail that the page must not see')
  })
  expect(invoke(['seat.lock', {}])).toEqual({ ok: false, code: 'internal' })
  expect(silent).toHaveBeenCalledOnce()
  silent.mockRestore()
})

test('snapshots go to the shell only', () => {
  const { opened, sent } = bridge()
  const snapshot = { version: 1 } as Snapshot
  opened.push(snapshot)
  expect(sent).toEqual([['lanyard:snapshot', snapshot]])
})
