import type { EnrolmentShown } from '../../preload/shown/passkeys.ts'
import { mary, short } from './people.ts'
import type { Sample } from './samples.ts'
import { active } from './samples-workspace.ts'

type Failure = (EnrolmentShown & { step: 'failed' })['failure']

const failures: readonly Failure[] = [
  'cancelled',
  'timed-out',
  'no-passkey',
  'unsupported',
  'expired',
  'invalid',
  'not-verified',
  'already-enrolled',
  'verify-again',
  'offline',
  'log-unavailable',
]

const waiting: EnrolmentShown = {
  step: 'waiting',
  enrolmentId: 'gallery',
  person: short(mary),
  options: { challenge: 'Z2FsbGVyeQ' },
}

const steps: Readonly<Record<string, EnrolmentShown>> = {
  code: { step: 'code', failure: null },
  'code.code-invalid': { step: 'code', failure: 'code-invalid' },
  'code.locked-out': { step: 'code', failure: 'locked-out' },
  preparing: { step: 'preparing' },
  waiting,
  saving: { step: 'saving' },
  done: { step: 'done', name: 'Blue key on my keyring' },
}

export const enrolmentSamples: readonly Sample[] = [
  ...Object.entries(steps).map(([id, enrolment]): Sample => ({
    id: `enrolling.${id}`,
    screen: { name: 'enrolling', enrolment },
  })),
  ...failures.map((failure): Sample => ({
    id: `enrolling.failed.${failure}`,
    screen: { name: 'enrolling', enrolment: { step: 'failed', failure } },
  })),
  ...(['preparing', 'waiting', 'saving', 'done'] as const).map((id): Sample => {
    const enrolment = steps[id] ?? waiting
    return {
      id: `enrolment-panel.${id}`,
      screen: { ...active, panel: { name: 'enrolment', enrolment } },
    }
  }),
  {
    id: 'enrolment-panel.failed.verify-again',
    screen: {
      ...active,
      panel: { name: 'enrolment', enrolment: { step: 'failed', failure: 'verify-again' } },
    },
  },
]
