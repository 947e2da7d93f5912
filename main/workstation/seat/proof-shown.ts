import type { Proof } from '../../../preload/shown/proof.ts'
import type { Policy } from '../../policy/settings.ts'
import type { SeatProof } from './panel-types.ts'

/** A ceremony as the shell sees it; `skew` leads to the wall clock. */
export const proofShown = (proof: SeatProof, policy: Policy, skew: number): Proof => {
  switch (proof.step) {
    case 'preparing':
    case 'checking':
      return { step: proof.step }
    case 'waiting': {
      const { ceremonyId, options, until } = proof
      const autoStart = policy['passkey.autoStart']
      return {
        step: 'waiting',
        ceremony: { ceremonyId, options, expiresAt: until + skew, autoStart },
      }
    }
    case 'failed':
      return { step: 'failed', failure: proof.failure }
  }
}
