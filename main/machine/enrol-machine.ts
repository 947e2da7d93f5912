import { z } from 'zod'
import type { Vault } from '../vault/port.ts'
import { type ReachFailure, reachFailure } from './failure.ts'
import type { MachinePost } from './machine-post.ts'
import { type MachineKey, newMachineKey } from './machine-key.ts'
import { identitySchema, type MachineSecrets, saveMachine } from './machine-vault.ts'
import { sha256, signProof } from './sign-proof.ts'

const answerSchema = identitySchema.omit({ authority: true }).extend({
  keyId: z.string(),
  rotateAt: z.number().int(),
  now: z.number().int(),
})
const refusalSchema = z.looseObject({
  error: z.looseObject({ reason: z.string().max(40), now: z.number().int() }),
})

export interface EnrolMachineOptions {
  /** Address of the authority as configured, without a slash at the end. */
  readonly authority: string
  readonly token: string
  /** The same for another attempt: the answer to the first may have been lost. */
  readonly key?: MachineKey
  readonly vault: Pick<Vault, 'set'>
  readonly post: MachinePost
  readonly now?: () => number
}

export type EnrolledMachine =
  | { readonly ok: true; readonly secrets: MachineSecrets }
  | ({ readonly ok: false } & ReachFailure)
  /** `detail`: the authority's reason, a word. */
  | { readonly ok: false; readonly reason: 'refused'; readonly detail: string }
  /** This machine's clock is wrong by `detail`. */
  | { readonly ok: false; readonly reason: 'clock'; readonly detail: string }

/** Farther off than this, a clock is somebody's to set right, ms: certificates are judged by it. */
const worstClock = 24 * 3_600_000

/**
 * Makes a key, has it enrolled with the token, and keeps it in the secret store. With a clock that is
 * off it tries once more by the authority's time.
 */
export async function enrolMachine(options: EnrolMachineOptions): Promise<EnrolledMachine> {
  const { now = Date.now, key = await newMachineKey() } = options
  const first = await ask(options, key, now())
  if (!isClock(first)) return first
  const off = first.theirs - now()
  const detail = `${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? 'behind' : 'ahead'}`
  if (Math.abs(off) > worstClock) return { ok: false, reason: 'clock', detail }
  const second = await ask(options, key, now() + off)
  return isClock(second) ? { ok: false, reason: 'clock', detail } : second
}

type Asked =
  | Exclude<EnrolledMachine, { reason: 'clock' }>
  | { readonly ok: false; readonly reason: 'clock'; readonly theirs: number }

const isClock = (asked: Asked): asked is Extract<Asked, { reason: 'clock' }> =>
  !asked.ok && asked.reason === 'clock'

async function ask(
  { authority, token, vault, post }: EnrolMachineOptions,
  key: MachineKey,
  at: number,
): Promise<Asked> {
  const claims = { aud: authority, token_hash: sha256(token) }
  const proof = await signProof(key, { typ: 'lanyard-enrol+jwt', claims, now: at })
  let answer: Response
  let body: unknown
  try {
    answer = await post(`${authority}/agent/v1/enrol`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, proof }),
    })
    body = await answer.json().catch(() => null)
  } catch (error) {
    return { ok: false, ...reachFailure(error) }
  }
  if (answer.ok) {
    const given = answerSchema.safeParse(body)
    // Where this machine will connect from now on is where IT sent it, over the certificate it checked.
    const isOurs = given.data?.keyId === key.keyId && given.data.issuer === authority
    if (!given.success || !isOurs)
      return { ok: false, reason: 'unreachable', detail: 'not-an-authority' }
    const { keyId: _, rotateAt, now: _now, ...rest } = given.data
    const identity = { authority, ...rest }
    const secrets = { identity, keys: { current: key.jwk, next: null, rotateAt } }
    await saveMachine(vault, secrets)
    return { ok: true, secrets }
  }
  const refusal = refusalSchema.safeParse(body)
  if (!refusal.success)
    return { ok: false, reason: 'unreachable', detail: `status ${answer.status}` }
  const { reason, now: theirs } = refusal.data.error
  return reason === 'clock'
    ? { ok: false, reason: 'clock', theirs }
    : { ok: false, reason: 'refused', detail: reason }
}
