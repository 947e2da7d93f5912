import type { ProofFailure } from '../../../preload/shown/proof.ts'
import type { Request } from '../../authority/protocol/procedures.ts'
import type { Ceremony, PersonId } from '../../authority/protocol/views.ts'
import { callFailure } from './sessions.ts'
import type { SeatAnswer, SeatFailure } from './events.ts'
import { ask } from './turn.ts'
import type { Turn } from './turn.ts'
import { patience } from './types.ts'
import type { SeatProof } from './panel-types.ts'
import type { SeatState } from './types.ts'

/* One passkey ceremony: prepared, waiting for the person, checked, failed with a way on. */

export const prepareProof = (
  purpose: Request<'passkey.challenge'>['purpose'],
  personId: PersonId | null,
  turn: Turn,
): SeatProof => ({
  step: 'preparing',
  request: ask(turn, 'passkey.challenge', { purpose, personId }),
  until: turn.now + patience.answer,
})

export const waitForProof = (state: SeatState, ceremony: Ceremony): SeatProof => ({
  step: 'waiting',
  ceremonyId: ceremony.ceremonyId,
  options: ceremony.options,
  until: ceremony.expiresAt + state.authority.offset,
})

export const failProof = (failure: ProofFailure, turn: Turn): SeatProof => ({
  step: 'failed',
  failure,
  until: turn.now + patience.linger,
})

export const checkProof = (request: number, turn: Turn): SeatProof => ({
  step: 'checking',
  request,
  until: turn.now + patience.answer,
})

/** Whether this answer or failure is the one that the ceremony waits for. */
export const awaits = (
  proof: SeatProof | null,
  event: Pick<SeatAnswer | SeatFailure, 'request'>,
): boolean =>
  proof !== null &&
  (proof.step === 'preparing' || proof.step === 'checking') &&
  proof.request === event.request

export const proofCallFailed = (event: SeatFailure, turn: Turn): SeatProof =>
  failProof(callFailure(event.code), turn)

/** The ceremony by itself, when its time is up; `null`: nobody is there any more. */
export const expireProof = (proof: SeatProof, turn: Turn): SeatProof | null => {
  switch (proof.step) {
    case 'preparing':
    case 'checking':
      return failProof('offline', turn)
    case 'waiting':
      return failProof('timed-out', turn)
    case 'failed':
      return null
  }
}
