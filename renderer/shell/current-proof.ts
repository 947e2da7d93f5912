import type { EnrolmentShown } from '../../preload/shown/passkeys.ts'
import type { Panel } from '../../preload/shown/panel.ts'
import type { Proof } from '../../preload/shown/proof.ts'
import type { Screen } from '../../preload/shown/screen.ts'

/** The proof that the screen asks for, if it asks for one. */
export function currentProof(screen: Screen): Proof | null {
  if (screen.name === 'verifying') return screen.proof
  if (screen.name === 'fallback' && screen.stage.step === 'witness') return screen.stage.proof
  return screen.name === 'active' && screen.panel !== null ? panelProof(screen.panel) : null
}

function panelProof(panel: Panel): Proof | null {
  if (panel.name === 'override' || panel.name === 'badges') return panel.proof
  if (panel.name === 'badge-enrolment' && panel.enrolment.step === 'proof')
    return panel.enrolment.proof
  return null
}

/** The enrolment that the screen is about, if it is about one. */
export function currentEnrolment(screen: Screen): EnrolmentShown | null {
  if (screen.name === 'enrolling') return screen.enrolment
  if (screen.name === 'active' && screen.panel?.name === 'enrolment') return screen.panel.enrolment
  return null
}

/** The ceremony that may run now; every other one has to end. */
export function currentCeremonyId(screen: Screen): string | null {
  const proof = currentProof(screen)
  if (proof?.step === 'waiting') return proof.ceremony.ceremonyId
  const enrolment = currentEnrolment(screen)
  return enrolment?.step === 'waiting' ? enrolment.enrolmentId : null
}
