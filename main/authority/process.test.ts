import { fork, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultPolicy, rpId, staff } from '../../test/support/authority.ts'
import { createPasskey } from '../../test/support/passkey.ts'
import { openDatabase } from '../store/index.ts'
import { connectAuthority } from './protocol/client.ts'
import {
  type AuthorityClient,
  type AuthorityEvent,
  type ProcessMessage,
  processMessageSchema,
  type StartMessage,
  startMessageSchema,
} from './protocol/index.ts'

const entry = fileURLToPath(new URL('../../test/support/utility-process-entry.ts', import.meta.url))
const hex = (bytes: number) => randomBytes(bytes).toString('hex')
const idToken = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ format: 'der', type: 'pkcs8' })
  .toString('hex')

let directory: string
let keys: StartMessage['keys']
const children: ChildProcess[] = []
const clients: AuthorityClient[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-process-'))
  keys = { badge: { version: 1, key: hex(32) }, log: hex(32), idToken, cookie: hex(32) }
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()))
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(directory, { recursive: true })
})

function startMessage(change: Partial<StartMessage> = {}): StartMessage {
  return startMessageSchema.parse({
    type: 'start',
    dataDirectory: directory,
    port: 0,
    rpId,
    policy: defaultPolicy,
    workstation: { id: 'ws-1', name: 'Ward 3' },
    applications: [],
    seed: { people: [staff('maria'), staff('tom')] },
    agentSecret: hex(32),
    keys,
    ...change,
  })
}

async function start(message: unknown): Promise<{ child: ChildProcess; said: ProcessMessage }> {
  const child = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.push(child)
  child.send(message as object)
  const [said] = await once(child, 'message')
  return { child, said: processMessageSchema.parse(said) }
}

async function running(message: StartMessage, afterSeq = 0) {
  const { child, said } = await start(message)
  if (said.type !== 'ready') throw new Error(said.message)
  const client = connectAuthority({ url: said.url, secret: message.agentSecret, afterSeq })
  clients.push(client)
  return { child, client, url: said.url }
}

async function signIn(client: AuthorityClient, person: string) {
  const begun = await client.call('enrolment.begin', {
    code: `code-${person}`,
    sessionId: null,
  })
  if (begun.outcome !== 'begun') throw new Error(begun.reason)
  const key = createPasskey({ rpId })
  await client.call('enrolment.finish', {
    enrolmentId: begun.enrolmentId,
    response: key.register(begun.options),
    name: 'Key',
  })
  const tap = await client.call('tap.identify', {
    tapId: hex(8),
    badge: `badge-${person}`,
    reader: 'test',
    purpose: 'sign-in',
  })
  if (tap.outcome !== 'identified') throw new Error('refused')
  const started = await client.call('session.start', {
    ceremonyId: tap.ceremony.ceremonyId,
    response: key.assert(tap.ceremony.options),
  })
  if (started.outcome !== 'signed-in') throw new Error(started.reason)
  return { session: started.session, key }
}

test('the process serves an agent over its socket and stops when it is told to', async () => {
  const { child, client } = await running(startMessage())
  const events: AuthorityEvent[] = []
  client.onEvent((event) => events.push(event))
  const { session } = await signIn(client, 'maria')
  await client.call('session.shield', { sessionId: session.sessionId, reason: 'lock' })
  await client.call('session.end', { sessionId: session.sessionId, reason: 'sign-out' })
  await expect
    .poll(() => events)
    .toEqual([
      {
        seq: 1,
        type: 'session.ended',
        sessionId: session.sessionId,
        reason: 'sign-out',
        moved: null,
      },
    ])
  child.send({ type: 'stop' })
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('killed at any moment and restarted, no acknowledged record is lost', async () => {
  const message = startMessage()
  const acknowledged: string[] = []
  for (let round = 0; round < 4; round++) {
    const { child, client } = await running(message)
    const killed = once(child, 'exit')
    setTimeout(() => child.kill('SIGKILL'), 60 + round * 70)
    for (let n = 0; n < 2_000; n++) {
      const mark = `${round}-${n}`
      try {
        await client.call('workstation.report', { event: 'reader-ready', detail: { mark } })
      } catch {
        break
      }
      acknowledged.push(mark)
    }
    await killed
    await client.dispose()
  }
  const db = await openDatabase({ path: join(directory, 'lanyard.db') })
  const rows = await db.read.selectFrom('auditRecord').select('body').execute()
  await db.close()
  const recorded = new Set(
    rows.map(({ body }) => (JSON.parse(body) as { detail: { mark?: string } }).detail.mark),
  )
  expect(acknowledged.length).toBeGreaterThan(20)
  expect(acknowledged.filter((mark) => !recorded.has(mark))).toEqual([])
}, 60_000)

test('after a restart the sessions of the workstation have ended, and the record says why', async () => {
  const message = startMessage()
  const first = await running(message)
  const { session } = await signIn(first.client, 'maria')
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await running(message)
  await expect(
    second.client.call('session.activity', { sessionId: session.sessionId }),
  ).rejects.toMatchObject({ code: 'session-ended' })
})

test('a wrong start message is answered with the fields that are wrong', async () => {
  const { child, said } = await start({ type: 'start', port: -1 })
  expect(said).toMatchObject({ type: 'failed', code: 'configuration' })
  expect(await once(child, 'exit')).toEqual([1, null])
})

test('a data directory that is a file is reported as not writable', async () => {
  const { said } = await start({ ...startMessage(), dataDirectory: entry })
  expect(said).toMatchObject({ type: 'failed', code: 'store-unwritable' })
})

test('a damaged database is reported as such', async () => {
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(directory, 'lanyard.db'), randomBytes(64 * 1024))
  const { said } = await start(startMessage())
  expect(said).toMatchObject({ type: 'failed', code: 'store-corrupt' })
})

test('the process does not outlive its parent', async () => {
  const { child } = await running(startMessage())
  child.disconnect()
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a process that crashes says where, and nothing that an error quotes', async () => {
  const child = fork(entry, ['--crash', 'Maria Example has badge 4711'], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  children.push(child)
  let printed = ''
  child.stderr?.on('data', (text: Buffer) => (printed += text.toString()))
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  expect(printed).toContain('"event":"crashed"')
  expect(printed).not.toContain('Maria')
})
