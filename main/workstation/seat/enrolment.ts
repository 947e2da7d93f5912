import type { SessionId } from '../../authority/protocol/views.ts'
import { callFailure } from './sessions.ts'
import type { PhaseEvent } from './events.ts'
import { ask } from './turn.ts'
import type { Turn } from './turn.ts'
import { patience } from './types.ts'
import type { SeatEnrolment } from './panel-types.ts'

/* One new passkey: with a code of IT before sign-in, or in one's own session. */

export const beginEnrolment = (
  by: { readonly code: string | null; readonly sessionId: SessionId | null },
  turn: Turn,
): SeatEnrolment => ({
  step: 'preparing',
  request: ask(turn, 'enrolment.begin', by),
  until: turn.now + patience.answer,
  withCode: by.code !== null,
})

/** The next step of the enrolment, or `null` when the event is not about it. */
export const stepEnrolment = (
  enrolment: SeatEnrolment,
  event: PhaseEvent,
  turn: Turn,
): SeatEnrolment | null => {
  switch (event.type) {
    case 'answer':
      return answered(enrolment, event, turn)
    case 'failure':
      return (enrolment.step === 'preparing' || enrolment.step === 'saving') &&
        enrolment.request === event.request
        ? { step: 'failed', failure: enrolmentCallFailure(event.code) }
        : null
    case 'call':
      if (event.name === 'enrolment.fail')
        return enrolment.step === 'waiting' && enrolment.enrolmentId === event.input.enrolmentId
          ? { step: 'failed', failure: event.input.reason }
          : null
      if (event.name === 'enrolment.finish')
        return enrolment.step === 'waiting' && enrolment.enrolmentId === event.input.enrolmentId
          ? {
              step: 'saving',
              request: ask(turn, 'enrolment.finish', event.input),
              until: turn.now + patience.answer,
            }
          : null
      return null
    case 'tap':
    case 'two-badges':
    case 'activity':
    case 'workspace.opened':
    case 'machine.leaving':
      return null
  }
}

const answered = (
  enrolment: SeatEnrolment,
  event: Extract<PhaseEvent, { type: 'answer' }>,
  turn: Turn,
): SeatEnrolment | null => {
  if (event.call === 'enrolment.begin') {
    if (enrolment.step !== 'preparing' || enrolment.request !== event.request) return null
    const { value } = event
    if (value.outcome === 'begun')
      return {
        step: 'waiting',
        enrolmentId: value.enrolmentId,
        person: { label: value.person.label, initials: value.person.initials },
        options: value.options,
        withCode: enrolment.withCode,
        until: turn.now + turn.policy['passkey.timeout'],
      }
    return value.reason === 'verify-again'
      ? { step: 'failed', failure: 'verify-again' }
      : { step: 'code', failure: value.reason }
  }
  if (event.call === 'enrolment.finish') {
    if (enrolment.step !== 'saving' || enrolment.request !== event.request) return null
    return event.value.outcome === 'enrolled'
      ? { step: 'done', name: event.value.passkey.name }
      : { step: 'failed', failure: event.value.reason }
  }
  return null
}

const enrolmentCallFailure = (code: Parameters<typeof callFailure>[0]) => {
  const failure = callFailure(code)
  return failure === 'refused' ? 'invalid' : failure
}

/** The enrolment by itself, when its time is up. */
export const expireEnrolment = (enrolment: SeatEnrolment): SeatEnrolment => {
  switch (enrolment.step) {
    case 'preparing':
    case 'saving':
      return { step: 'failed', failure: 'offline' }
    case 'waiting':
      return { step: 'failed', failure: 'timed-out' }
    case 'code':
    case 'done':
    case 'failed':
      return enrolment
  }
}

export const enrolmentUntil = (enrolment: SeatEnrolment): number | null =>
  'until' in enrolment ? enrolment.until : null
