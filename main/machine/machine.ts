import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { Response } from '../authority/protocol/procedures.ts'
import type { Vault } from '../vault/port.ts'
import { createCredentials, MachineRefused } from './credentials.ts'
import type { MachinePost } from './machine-post.ts'
import { type MachineKey, newMachineKey, useMachineKey } from './machine-key.ts'
import { type MachineIdentity, type MachineSecrets, saveKeys } from './machine-vault.ts'
import { signProof } from './sign-proof.ts'

const socketPath = '/agent/v1/socket'

export interface MachineOptions {
  readonly secrets: MachineSecrets
  readonly vault: Pick<Vault, 'set'>
  readonly post: MachinePost
  readonly now?: () => number
}

export type Rotated = 'not-due' | 'rotated' | 'refused'

/** This workstation as a machine that its authority knows. */
export interface Machine {
  readonly identity: MachineIdentity
  /** For the next connection. Rejects with `MachineRefused`, or when nobody was reached. */
  headers(): Promise<Readonly<Record<string, string>>>
  /** The authority did not take the token: it may have ended, or been revoked. */
  refused(): void
  /**
   * Changes the key when it is due, in steps of which each may be the last: the new key is in the
   * secret store before the authority hears of it, and the old one is good until the new one was used.
   * `refused`: IT must enrol this workstation anew (docs/machines.md).
   */
  rotate(
    call: (proof: string) => Promise<Response<'machine.rotate'>>,
    options?: { readonly now?: boolean },
  ): Promise<Rotated>
  /** When the key is to be changed, by this machine's clock, ms. */
  rotateAt(): number
}

export async function createMachine(options: MachineOptions): Promise<Machine> {
  const { secrets, vault, post, now = Date.now } = options
  const { identity } = secrets
  const credentials = createCredentials({ identity, post, now })
  let { rotateAt } = secrets.keys
  let current = await useMachineKey(secrets.keys.current)
  let next = secrets.keys.next && (await useMachineKey(secrets.keys.next))
  let rotating: Promise<Rotated> | null = null

  const request = { method: 'GET', path: socketPath }
  const save = () => saveKeys(vault, { current: current.jwk, next: next?.jwk ?? null, rotateAt })

  async function promote(key: MachineKey): Promise<void> {
    current = key
    next = null
    await save()
  }

  /** A rotation was cut short: whether the authority took the new key, it says itself. */
  async function headers(): Promise<Readonly<Record<string, string>>> {
    if (next === null || rotating !== null) return credentials.headers(current, request)
    const key = next
    try {
      const own = await credentials.headers(key, request)
      await promote(key)
      return own
    } catch (error) {
      if (!(error instanceof MachineRefused) || error.reason === 'disabled') throw error
      next = null
      await save()
      return credentials.headers(current, request)
    }
  }

  async function change(call: Parameters<Machine['rotate']>[0]): Promise<Rotated> {
    const key = next ?? (await newMachineKey())
    next = key
    await save()
    const claims = { iss: identity.clientId, aud: identity.issuer, replaces: current.keyId }
    const at = credentials.authorityNow()
    try {
      const answer = await call(
        await signProof(key, { typ: 'lanyard-rotate+jwt', claims, now: at }),
      )
      rotateAt = answer.rotateAt
    } catch (error) {
      if (!(error instanceof AuthorityError)) throw error
      // Unreachable, or no answer: it may have been taken, and is tried first from now on.
      if (error.code !== 'conflict' && error.code !== 'bad-request') throw error
      next = null
      await save()
      return 'refused'
    }
    await promote(key)
    // Its first use lets the old key go.
    await credentials.headers(key, request).catch(() => {})
    return 'rotated'
  }

  return {
    identity,
    headers,
    refused: () => credentials.forget(),
    rotateAt: () => rotateAt - credentials.authorityNow() + now(),
    async rotate(call, { now: atOnce = false } = {}) {
      if (!atOnce && credentials.authorityNow() < rotateAt) return 'not-due'
      rotating ??= change(call).finally(() => (rotating = null))
      return rotating
    },
  }
}
