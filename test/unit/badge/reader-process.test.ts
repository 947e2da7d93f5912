import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  monotonicNow,
  readerMessageSchema,
  type ReaderCommand,
  type ReaderMessage,
} from '../../../main/badge/reader-messages.ts'
import {
  connectVirtualReader,
  type VirtualReaderClient,
} from '../../sandbox/virtual-reader-client.ts'

/** `process.parentPort` over the channel of a forked Node process. */
const parentPort = `
  process.parentPort = {
    postMessage: (message) => process.send(message),
    on: (_, listener) => process.on('message', (data) => listener({ data })),
  }`

const serve = (entry: string, args: readonly string[]) =>
  fork(fileURLToPath(new URL(entry, import.meta.url)), args, {
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(parentPort)}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })

let folder: string
let child: ChildProcess
let reader: VirtualReaderClient
let messages: ReaderMessage[]
let errors: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reader-'))
  const control = join(folder, 'control')
  messages = []
  errors = ''
  child = serve('../../sandbox/reader.ts', ['--control', control])
  child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
  child.on('message', (message) => messages.push(readerMessageSchema.parse(message)))
  reader = await connectVirtualReader(control)
})

afterEach(async () => {
  reader.close()
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true })
})

const order = (command: ReaderCommand) => child.send(command)
const configure = () =>
  order({
    type: 'configure',
    format: 'H10301',
    profiles: [],
    ports: [],
    avoid: [],
    pollMs: 50,
    debounceMs: 1_000,
  })

async function until(wanted: (message: ReaderMessage) => boolean): Promise<ReaderMessage> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const found = messages.find((message) => wanted(message))
    if (found) return found
    if (Date.now() > deadline) throw new Error(`Not among ${JSON.stringify(messages)}; ${errors}`)
    await pause(10)
  }
}
const state = (wanted: string) =>
  until((message) => message.type === 'reader' && message.state === wanted)

describe('the reader process', () => {
  test('turns a badge on the simulated reader into one tap and one departure', async () => {
    configure()
    await state('ready')
    await pause(300)
    const before = monotonicNow()
    await reader.send({ do: 'tap', facility: 118, number: 1603 })
    const tap = await until(({ type }) => type === 'tap')
    expect(tap).toMatchObject({ badge: 'WIEGAND|H10301|26|118|1603' })
    expect(tap.type === 'tap' && tap.at).toBeGreaterThan(before)
    await until(({ type }) => type === 'gone')
    expect(messages.filter(({ type }) => type === 'tap')).toHaveLength(1)
  })

  test('says that the reader was unplugged and serves it again when it is back', async () => {
    configure()
    await state('ready')
    await reader.send({ do: 'unplug' })
    await state('unplugged')
    messages = []
    await reader.send({ do: 'plug' })
    expect(await state('ready')).toMatchObject({ model: 'RF IDeas pcProx / WAVE ID' })
  })

  test('ignores a command that fits no schema, and goes on', async () => {
    child.send({
      type: 'configure',
      format: 'H10301',
      profiles: [],
      ports: [],
      avoid: [],
      pollMs: 1,
    })
    configure()
    await state('ready')
    expect(errors).toContain('fits no schema')
  })

  test('refuses a control command that fits no schema', async () => {
    await expect(reader.send({ do: 'present', facility: 256, number: 1 })).rejects.toThrow(
      'simulated reader refused',
    )
  })

  test.each([
    ['told to stop', () => child.send({ type: 'stop' })],
    ['its parent is gone', () => child.disconnect()],
    ['terminated', () => child.kill('SIGTERM')],
  ])('ends by itself when %s', async (_, end) => {
    configure()
    await state('ready')
    end()
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })

  test('ends although the device hangs', async () => {
    configure()
    await state('ready')
    await reader.send({ do: 'hang' })
    await state('silent')
    child.send({ type: 'stop' })
    const [code, signal] = await once(child, 'exit')
    expect([code, signal]).toEqual([null, 'SIGKILL'])
  })
})

test('the reader process of the product starts on any machine and says what it found', async () => {
  const product = serve('../../../main/badge/reader-process.ts', [])
  const states: string[] = []
  const settled = new Promise<void>((resolve) => {
    product.on('message', (data) => {
      const message = readerMessageSchema.parse(data)
      if (message.type !== 'reader') return
      states.push(message.state)
      if (message.state !== 'starting') resolve()
    })
  })
  product.send({
    type: 'configure',
    format: 'H10301',
    profiles: [],
    ports: [],
    avoid: [],
    pollMs: 150,
    debounceMs: 1_000,
  })
  await settled
  product.send({ type: 'stop' })
  const [code] = await once(product, 'exit')
  expect([states[0], code]).toEqual(['starting', 0])
  // Depends on the machine: a reader, none, or a system library that is not installed.
  expect(['ready', 'silent', 'missing', 'permission-denied', 'driver-missing']).toContain(states[1])
})
