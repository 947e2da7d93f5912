import { createHash } from 'node:crypto'
import { type Agent, request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { jwtBearer, machineKey, type MachineKey, randomId } from './machines.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  /** Serial number of the server's certificate. */
  readonly serial: string
}

export interface HttpsPeer {
  /** Asks the node at `port` under the authority's own name. */
  ask(port: number, path: string, options?: AskOptions): Promise<Answer>
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly host?: string
  /** A connection that stays open between questions. */
  readonly agent?: Agent
}

/** Trusts one certification authority and finds every node at the loopback address. */
export function httpsPeer({ ca, host }: { readonly ca: string; readonly host: string }): HttpsPeer {
  const servername = host.split(':')[0] ?? host
  return {
    ask: (port, path, { method = 'GET', headers = {}, body = '', host: said = host, agent } = {}) =>
      new Promise((resolve, reject) => {
        const asked = request(
          {
            host: '127.0.0.1',
            port,
            path,
            method,
            ca,
            servername,
            agent: agent ?? false,
            headers: { host: said, ...headers },
          },
          (answer) => {
            let text = ''
            const serial = (answer.socket as TLSSocket).getPeerCertificate().serialNumber ?? ''
            answer.on('data', (part: Buffer) => (text += part.toString()))
            answer.on('end', () =>
              resolve({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                body: parse(text),
                serial,
              }),
            )
          },
        )
        asked.on('error', reject)
        asked.end(body)
      }),
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A workstation with a key, as the service knows it over the network. */
export interface TestMachine {
  readonly key: MachineKey
  /** Headers that prove one request. */
  prove(method: string, path: string): Promise<Record<string, string>>
  call(port: number, name: string, params: object): Promise<Answer>
}

/** Enrols with a token, and proves itself from then on (RFC 7523, RFC 9449). */
export async function enrolMachine({
  peer,
  port,
  issuer,
  id,
  token,
}: {
  readonly peer: HttpsPeer
  readonly port: number
  readonly issuer: string
  readonly id: string
  readonly token: string
}): Promise<TestMachine> {
  const key = await machineKey()
  const fresh = () => ({ iat: Math.floor(Date.now() / 1000), jti: randomId() })
  const hashed = (text: string) => createHash('sha256').update(text).digest('base64url')
  const proof = await key.sign('lanyard-enrol+jwt', {
    ...fresh(),
    aud: issuer,
    token_hash: hashed(token),
  })
  const enrolled = await peer.ask(port, '/agent/v1/enrol', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, proof }),
  })
  if (enrolled.status !== 200) throw new Error(`enrolment: ${JSON.stringify(enrolled.body)}`)
  const dpop = (method: string, path: string, more: object = {}) =>
    key.sign('dpop+jwt', { ...fresh(), htm: method, htu: `${issuer}${path}`, ...more })
  const tokenPath = '/agent/v1/token'
  const given = await peer.ask(port, tokenPath, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      dpop: await dpop('POST', tokenPath),
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: jwtBearer,
      client_assertion: await key.sign('JWT', {
        ...fresh(),
        iss: id,
        sub: id,
        aud: issuer,
        exp: Math.floor(Date.now() / 1000) + 60,
      }),
    }).toString(),
  })
  if (given.status !== 200) throw new Error(`token: ${JSON.stringify(given.body)}`)
  const access = (given.body as { access_token: string }).access_token
  const machine: TestMachine = {
    key,
    prove: async (method, path) => ({
      authorization: `DPoP ${access}`,
      dpop: await dpop(method, path, { ath: hashed(access) }),
    }),
    async call(at, name, params) {
      const path = `/agent/v1/${name}`
      return peer.ask(at, path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(await machine.prove('POST', path)) },
        body: JSON.stringify(params),
      })
    },
  }
  return machine
}
