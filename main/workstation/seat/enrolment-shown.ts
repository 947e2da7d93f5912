import type { EnrolmentShown } from '../../../preload/shown/passkeys.ts'
import type { SeatEnrolment } from './panel-types.ts'

/** A passkey's enrolment as the shell sees it. */
export const enrolmentShown = (enrolment: SeatEnrolment): EnrolmentShown => {
  switch (enrolment.step) {
    case 'code':
      return { step: 'code', failure: enrolment.failure }
    case 'preparing':
    case 'saving':
      return { step: enrolment.step }
    case 'waiting': {
      const { enrolmentId, person, options } = enrolment
      return { step: 'waiting', enrolmentId, person, options }
    }
    case 'done':
      return { step: 'done', name: enrolment.name }
    case 'failed':
      return { step: 'failed', failure: enrolment.failure }
  }
}
