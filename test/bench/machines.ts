import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import type { Tx } from '../../main/store/port.ts'

/** A workstation that was enrolled long ago, with a token that is good for longer than a run takes. */
export interface BenchMachine {
  readonly workstation: string
  readonly keyId: string
  readonly jwk: Readonly<Record<'kty' | 'crv' | 'x' | 'y', string>>
  readonly privateKey: KeyObject
  readonly token: string
}

const b64 = (text: string) => Buffer.from(text).toString('base64url')
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

export async function inventMachines(count: number): Promise<BenchMachine[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x = '', y = '' } = privateKey.export({ format: 'jwk' })
      const jwk = { kty: 'EC', crv: 'P-256', x, y } as const
      return {
        workstation: `ws-${at}`,
        keyId: await calculateJwkThumbprint(jwk),
        jwk,
        privateKey,
        token: randomBytes(32).toString('base64url'),
      }
    }),
  )
}

const rowsPerInsert = 200
const day = 24 * 3_600_000

export async function loadMachines(tx: Tx, machines: readonly BenchMachine[]): Promise<void> {
  for (let at = 0; at < machines.length; at += rowsPerInsert) {
    const some = machines.slice(at, at + rowsPerInsert)
    await tx
      .insertInto('workstations')
      .values(
        some.map(({ workstation }) => ({
          workstation_id: workstation,
          name: `Ward ${workstation}`,
          place: '',
          status: 'active' as const,
          created_at: 1,
        })),
      )
      .execute()
    await tx
      .insertInto('workstation_keys')
      .values(
        some.map(({ workstation, keyId, jwk }) => ({
          key_id: keyId,
          workstation_id: workstation,
          jwk: JSON.stringify(jwk),
          created_at: 1,
          first_used_at: 1,
        })),
      )
      .execute()
    await tx
      .insertInto('machine_tokens')
      .values(
        some.map(({ workstation, keyId, token }) => ({
          token_hash: sha256(token),
          workstation_id: workstation,
          key_id: keyId,
          expires_at: Date.now() + day,
        })),
      )
      .execute()
  }
}

export type Proof = Readonly<Record<'authorization' | 'dpop', string>>

/** What an agent proves itself with when it connects to `url` (RFC 9449, 7.1); good once. */
export function proofOf({ jwk, privateKey, token }: BenchMachine, url: string): Proof {
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk }
  const claims = {
    htm: 'GET',
    htu: `${url}/agent/v1/socket`,
    ath: sha256(token),
    iat: Math.floor(Date.now() / 1000),
    jti: randomBytes(16).toString('base64url'),
  }
  const signed = `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims))}`
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return {
    authorization: `DPoP ${token}`,
    dpop: `${signed}.${signature.toString('base64url')}`,
  }
}
