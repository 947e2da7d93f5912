import { expect, test } from 'vitest'
import { samples } from '../gallery/samples.ts'
import { currentCeremonyId, currentProof } from './current-proof.ts'

const screen = (id: string) => {
  const found = samples.find((sample) => sample.id === id)
  if (found === undefined) throw new Error(`no sample ${id}, expected one in the gallery`)
  return found.screen
}

test.each([
  'verifying',
  'fallback.witness.confirm',
  'override.confirm',
  'badges.found',
  'badge-enrolment.proof',
])('%s asks for a passkey, and its ceremony may run', (id) => {
  expect(currentProof(screen(id))?.step).toBe('waiting')
  expect(currentCeremonyId(screen(id))).toBe('gallery')
})

test.each(['locked', 'active', 'badges', 'badge-enrolment.form', 'readers', 'override'])(
  '%s asks for none, so that none goes on behind it',
  (id) => {
    expect(currentProof(screen(id))).toBeNull()
    expect(currentCeremonyId(screen(id))).toBeNull()
  },
)
