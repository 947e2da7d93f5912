import { randomBytes } from 'node:crypto'
import type { Services } from '../services.ts'
import { CallFailure } from '../context.ts'
import type { Unit } from '../unit-of-work.ts'
import { sha256 } from './dpop.ts'

/** How long a token waits for its machine, ms; a command may say otherwise, within limits. */
export const enrolmentLife = {
  default: 24 * 3_600_000,
  least: 60_000,
  most: 7 * 24 * 3_600_000,
} as const

export interface IssueOptions {
  readonly workstationId: string
  /** ms. */
  readonly life: number
  /** Who asked for it, for the record: an account of the operating system. */
  readonly issuedBy: string
}

export interface IssuedToken {
  /** Shown once and kept nowhere. */
  readonly token: string
  readonly expiresAt: number
}

/** A token for one enrolment of one workstation. Those that were issued before it and wait are void. */
export async function issueEnrolmentToken(
  { record }: Pick<Services, 'record'>,
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  { workstationId, life, issuedBy }: IssueOptions,
): Promise<IssuedToken> {
  const { least, most } = enrolmentLife
  if (!(life >= least && life <= most))
    throw new CallFailure('bad-request', `A token lives ${least} to ${most} ms, not ${life}.`)
  const found = await tx
    .selectFrom('workstations')
    .select('status')
    .where('workstation_id', '=', workstationId)
    .executeTakeFirst()
  if (!found) throw new CallFailure('not-found', 'There is no such workstation.')
  if (found.status !== 'active')
    throw new CallFailure('conflict', 'The workstation is disabled: enable it first.')
  const token = randomBytes(16).toString('base64url')
  const expiresAt = now + life
  await tx
    .updateTable('workstation_enrolments')
    .set({ expires_at: now })
    .where('workstation_id', '=', workstationId)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .execute()
  await tx
    .insertInto('workstation_enrolments')
    .values({
      token_hash: sha256(token),
      workstation_id: workstationId,
      issued_at: now,
      issued_by: issuedBy,
      expires_at: expiresAt,
      used_at: null,
      used_by: null,
    })
    .execute()
  await record(tx, 'workstation.enrolment-issued', {
    workstation: workstationId,
    detail: { by: issuedBy, expiresAt },
  })
  return { token, expiresAt }
}
