/*
 * Authority process of the sandbox: the product's own, on a clock that can be moved on, worked
 * through `--control <port>` on the loopback, one JSON line each: `{"do":"advance","ms":3600000}`,
 * `{"do":"enrol","code":"..."}`, `{"do":"where"}`.
 */
import { channel } from 'node:diagnostics_channel'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startMessageSchema, type StartMessage } from '../../main/authority/protocol/process.ts'
import type { RunningAuthority } from '../../main/authority/start.ts'
import { type ParentPort, runUtilityProcess } from '../../main/authority/utility-process.ts'
import { createPasskey } from '../support/passkey.ts'
import type { KeyCredential } from './security-keys.ts'

const commandSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('advance'), ms: z.number().int().min(1) }),
  z.strictObject({ do: z.literal('enrol'), code: z.string() }),
  z.strictObject({ do: z.literal('where') }),
])
export type AuthorityCommand = z.input<typeof commandSchema>

const { values } = parseArgs({ options: { control: { type: 'string' } }, strict: false })
const { parentPort } = process as { parentPort?: ParentPort }
if (typeof values.control !== 'string' || !parentPort) {
  throw new Error('The sandbox authority needs --control <port> and runs as a utility process.')
}

let ahead = 0
const connections = new Set<Socket>()
channel('net.server.socket').subscribe((message) => {
  const { socket } = message as { socket: Socket }
  connections.add(socket)
  socket.once('close', () => connections.delete(socket))
})
let start: StartMessage | null = null
let running: RunningAuthority | null = null

async function call(name: string, params: object): Promise<Record<string, unknown>> {
  if (!start || !running) throw new Error('The authority is not running yet.')
  const answer = await fetch(`${running.url}/agent/v1/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${start.agentSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify(params),
  })
  const value = (await answer.json()) as Record<string, unknown>
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(value)}`)
  return value
}

/** Gives the holder of an enrolment code a key; null when the code has been used or is over. */
async function enrol(code: string): Promise<KeyCredential | null> {
  const begun = await call('enrolment.begin', { code, sessionId: null })
  if (begun['outcome'] !== 'begun' || !start) return null
  const passkey = createPasskey({ rpId: start.rpId })
  const response = passkey.register(begun['options'] as { challenge: string })
  const finished = await call('enrolment.finish', {
    enrolmentId: begun['enrolmentId'],
    response,
    name: 'Security key',
  })
  if (finished['outcome'] !== 'enrolled')
    throw new Error(`enrolment: ${finished['reason'] as string}`)
  const base64 = (text: string) => Buffer.from(text, 'base64url').toString('base64')
  return {
    credentialId: base64(passkey.id),
    isResidentCredential: true,
    rpId: start.rpId,
    privateKey: passkey.privateKey,
    userHandle: base64(passkey.userHandle),
    signCount: passkey.counter,
  }
}

/** Agents learn the authority's time when they connect; a moved clock needs a new connection. */
async function sayHelloAnew(): Promise<void> {
  await pause(500)
  const port = running ? Number(new URL(running.url).port) : 0
  for (const socket of connections) if (socket.localPort === port) socket.destroy()
}

async function obey(line: string): Promise<object> {
  try {
    const command = commandSchema.parse(JSON.parse(line))
    if (command.do === 'where') return { ok: true, url: running?.url ?? null }
    if (command.do === 'enrol') return { ok: true, credential: await enrol(command.code) }
    ahead += command.ms
    running?.wake()
    await sayHelloAnew()
    return { ok: true }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  createInterface({ input: socket }).on('line', (line) => {
    void obey(line).then((answer) => socket.write(`${JSON.stringify(answer)}\n`))
  })
})
server.listen(Number(values.control), '127.0.0.1')

parentPort.on('message', ({ data }) => {
  const message = startMessageSchema.safeParse(data)
  if (message.success) start = message.data
})
runUtilityProcess({
  port: parentPort,
  time: { wall: () => Date.now() + ahead, monotonic: () => performance.now() + ahead },
  onRunning: (value) => {
    running = value
  },
})
