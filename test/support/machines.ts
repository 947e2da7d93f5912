import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import { type AuditInput, auditInputSchema } from '../../main/audit/events.ts'
import type { StoredEvent } from '../../main/authority/events/index.ts'
import { createMachines, type Machines } from '../../main/authority/machines/index.ts'
import { createRecorder } from '../../main/authority/record.ts'
import { createUnits } from '../../main/authority/unit-of-work.ts'
import type { Policy } from '../../main/policy/settings.ts'
import type { Database } from '../../main/store/port.ts'
import { defaultPolicy } from './authority.ts'
import { memoryDatabase } from './memory-database.ts'

const b64 = (text: string) => createHash('sha256').update(text).digest('base64url')
export const randomId = () => randomBytes(16).toString('base64url')

/** A key of a machine, and proofs by it that can be wrong in any one place. */
export interface MachineKey {
  readonly keyId: string
  readonly jwk: JWK
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  sign(typ: string, claims: Claims, header?: Record<string, unknown>): Promise<string>
}

export async function machineKey(): Promise<MachineKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y } = await exportJWK(publicKey)
  const jwk = { kty, crv, x, y } as JWK
  return {
    keyId: await calculateJwkThumbprint(jwk),
    jwk,
    privateKey,
    publicKey,
    sign: (typ, claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ, jwk, ...header })
        .sign(privateKey),
  }
}

export interface MachinesFixture {
  readonly machines: Machines
  readonly db: Database
  readonly issuer: string
  readonly records: AuditInput[]
  readonly events: StoredEvent[]
  readonly ended: string[]
  readonly now: () => number
  advance(ms: number): void
  /** Seconds, as in a JWT. */
  seconds(): number
  enrolProof(key: MachineKey, token: string, change?: Claims): Promise<string>
  dpop(key: MachineKey, change?: Claims, header?: Record<string, unknown>): Promise<string>
  assertion(key: MachineKey, clientId: string, change?: Claims): Promise<string>
  rotateProof(key: MachineKey, from: MachineKey, id: string, change?: Claims): Promise<string>
  post(path: string, init: RequestInit): Promise<{ status: number; body: Body }>
  enrol(token: string, proof: string): Promise<{ status: number; body: Body }>
  /** Adds a workstation and enrols `key` at it. */
  enrolled(id: string, key: MachineKey): Promise<void>
  askToken(fields: Record<string, string>, dpop: string): Promise<{ status: number; body: Body }>
  /** A good token for `key`. */
  token(key: MachineKey, clientId: string): Promise<string>
  dispose(): Promise<void>
}
type Claims = Readonly<Record<string, unknown>>
type Body = Record<string, unknown> & { readonly error?: unknown }

export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export interface MachinesOptions {
  readonly db?: Database
  readonly policy?: Partial<Policy>
  readonly nodeId?: string
  /** Address of an authority of several nodes; this one's own when left out. */
  readonly issuer?: string
}

/** Workstations as machines over a real port, with time in the hand. */
export async function machinesFixture({
  db: given,
  policy = {},
  nodeId,
  issuer: house,
}: MachinesOptions = {}): Promise<MachinesFixture> {
  const db = given ?? (await memoryDatabase())
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = house ?? own
  const records: AuditInput[] = []
  const events: StoredEvent[] = []
  const ended: string[] = []
  let at = Date.UTC(2026, 0, 5, 7)
  const now = () => at
  const audit = {
    append: async (_tx: unknown, input: AuditInput) =>
      void records.push(auditInputSchema.parse(input)),
  }
  const services = {
    db,
    policy: { ...defaultPolicy, ...policy },
    now,
    randomId,
    rpId: 'lanyard.example',
    origin: 'https://agent.lanyard.example',
    issuer,
    badgeKey: { version: 1, key: new Uint8Array(32) },
    audit: audit as never,
    record: createRecorder(audit),
    unit: createUnits({
      db,
      now,
      events: { committed: (written) => void events.push(...written) },
      onDue: () => {},
    }),
  }
  const machines = createMachines({
    ...services,
    ...(nodeId === undefined ? {} : { nodeId }),
    endSession: (_unit, session, reason) => {
      ended.push(`${session.session_id} ${reason}`)
      return Promise.resolve(true)
    },
  })
  server.on('request', (request, response) => {
    if (!machines.requestListener(request, response)) response.writeHead(404).end()
  })
  const seconds = () => Math.floor(at / 1000)
  const fresh = () => ({ iat: seconds(), jti: randomId() })

  const fixture: MachinesFixture = {
    machines,
    db,
    issuer,
    records,
    events,
    ended,
    now,
    advance: (ms) => void (at += ms),
    seconds,
    enrolProof: (key, token, change = {}) =>
      key.sign('lanyard-enrol+jwt', { ...fresh(), aud: issuer, token_hash: b64(token), ...change }),
    dpop: (key, change = {}, header = {}) =>
      key.sign(
        'dpop+jwt',
        { ...fresh(), htm: 'POST', htu: `${issuer}/agent/v1/token`, ...change },
        header,
      ),
    assertion: (key, clientId, change = {}) =>
      key.sign('JWT', {
        ...fresh(),
        iss: clientId,
        sub: clientId,
        aud: issuer,
        exp: seconds() + 60,
        ...change,
      }),
    rotateProof: (key, from, id, change = {}) =>
      key.sign('lanyard-rotate+jwt', {
        ...fresh(),
        iss: id,
        aud: issuer,
        replaces: from.keyId,
        ...change,
      }),
    async post(path, init) {
      const answer = await fetch(`${own}${path}`, { method: 'POST', ...init })
      const text = await answer.text()
      return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Body }
    },
    enrol: (token, proof) =>
      fixture.post('/agent/v1/enrol', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, proof }),
      }),
    async enrolled(id, key) {
      const { token } = await machines.register.add({ id, name: `Name ${id}`, place: '', by: 'it' })
      const { status } = await fixture.enrol(token, await fixture.enrolProof(key, token))
      if (status !== 200) throw new Error(`enrolment was answered with ${status}`)
    },
    askToken: (fields, dpop) =>
      fixture.post('/agent/v1/token', {
        headers: { dpop },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: jwtBearer,
          ...fields,
        }),
      }),
    async token(key, clientId) {
      const client_assertion = await fixture.assertion(key, clientId)
      const { status, body } = await fixture.askToken({ client_assertion }, await fixture.dpop(key))
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
      return String(body['access_token'])
    },
    async dispose() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!given) await db.close()
    },
  }
  return fixture
}
