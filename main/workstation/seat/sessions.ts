import type { Notice } from '../../../preload/shown/notice.ts'
import type { ProofFailure } from '../../../preload/shown/proof.ts'
import type { EndReason, Refusal } from '../../authority/protocol/reasons.ts'
import type { PersonId, SessionId, SessionView } from '../../authority/protocol/views.ts'
import type { SeatFailure } from './events.ts'
import type { Elsewhere, SeatSession, SeatState } from './types.ts'

export const sessionOf = (state: SeatState, sessionId: SessionId): SeatSession | undefined =>
  state.sessions.find(({ view }) => view.sessionId === sessionId)

export const sessionOfPerson = (state: SeatState, personId: PersonId): SeatSession | undefined =>
  state.sessions.find(({ view }) => view.person.personId === personId)

export const changeSession = (
  state: SeatState,
  sessionId: SessionId,
  change: (session: SeatSession) => SeatSession,
): SeatState => ({
  ...state,
  sessions: state.sessions.map((session) =>
    session.view.sessionId === sessionId ? change(session) : session,
  ),
})

/** A view with its times moved from the authority's clock to the seat's. */
export const toSeatTime = (state: SeatState, view: SessionView): SessionView => {
  const { offset } = state.authority
  return {
    ...view,
    assurance: { ...view.assurance, verifiedAt: view.assurance.verifiedAt + offset },
    startedAt: view.startedAt + offset,
    endsAt: view.endsAt + offset,
    inactiveAt: view.inactiveAt + offset,
    tapGraceUntil: view.tapGraceUntil + offset,
    override: view.override && {
      ...view.override,
      startedAt: view.override.startedAt + offset,
      endsAt: view.override.endsAt + offset,
    },
    notices: view.notices.map((notice) => ({ ...notice, at: notice.at + offset })),
  }
}

/** News for a session; notices that were answered here do not come back by them. */
export const withView = (session: SeatSession, view: SessionView): SeatSession => ({
  ...session,
  view: {
    ...view,
    notices: view.notices.filter(({ noticeId }) => !session.answered.includes(noticeId)),
  },
})

/**
 * News about a session that came without a proof (a tap, an event, a reconnect): whatever it says,
 * the assurance and the grace that follows from it stay at what was proven at this seat.
 */
export const withoutNewProof = (held: SessionView, news: SessionView): SessionView => ({
  ...news,
  assurance:
    news.assurance.aal < held.assurance.aal
      ? { ...news.assurance, verifiedAt: held.assurance.verifiedAt }
      : held.assurance,
  endsAt: Math.min(held.endsAt, news.endsAt),
  tapGraceUntil: Math.min(held.tapGraceUntil, news.tapGraceUntil),
})

/** A new session takes a free slot; `null` when there is none. */
export const admit = (
  state: SeatState,
  view: SessionView,
): { readonly state: SeatState; readonly session: SeatSession } | null => {
  const [slot, ...free] = state.slots.free
  if (slot === undefined) return null
  const applications = state.catalogue
    .filter(({ id }) => view.applications.includes(id))
    .map(({ id, name, kind }) => ({
      id,
      name,
      kind,
      state: 'opening' as const,
      awaitsAuthority: false,
    }))
  const session: SeatSession = {
    view,
    slot,
    applications,
    focused: applications[0]?.id ?? null,
    opened: false,
    activityToldAt: view.assurance.verifiedAt,
    answered: [],
  }
  return {
    session,
    state: { ...state, slots: { ...state.slots, free }, sessions: [...state.sessions, session] },
  }
}

/** Removes a session from the seat; its slot stays taken until it was cleared. */
export const dismiss = (state: SeatState, sessionId: SessionId): SeatState => ({
  ...state,
  sessions: state.sessions.filter(({ view }) => view.sessionId !== sessionId),
})

/** A cleared slot is used again; one whose clearing could not be verified never is. */
export const releaseSlot = (state: SeatState, slot: number, verified: boolean): SeatState => {
  const { free, next } = state.slots
  if (free.includes(slot)) return state
  return verified
    ? { ...state, slots: { free: [...free, slot], next } }
    : { ...state, slots: { free: [...free, next], next: next + 1 } }
}

/** Whether someone without a session here could get one. */
export const hasRoom = (state: SeatState): boolean => state.slots.free.length > 0

export const endNotice = (reason: EndReason, moved: Elsewhere | null = null): Notice | null => {
  switch (reason) {
    case 'sign-out':
      return { code: 'signed-out' }
    case 'agent-restart':
    case 'replaced':
      return null
    case 'inactivity':
    case 'session-limit':
    case 'emergency-over':
    case 'revoked':
    case 'person-disabled':
    case 'workstation-disabled':
    case 'offline-conflict':
      return { code: 'session-over', reason }
    case 'moved':
      return moved === null ? { code: 'session-over', reason } : { code: 'moved', ...moved }
  }
}

/** What the screen says about a refused proof; the record says more. */
export const proofFailure = (reason: Refusal): ProofFailure => {
  switch (reason) {
    case 'wrong-person':
    case 'revoked':
    case 'not-verified':
    case 'locked-out':
      return reason
    case 'expired':
      return 'timed-out'
    case 'unknown-passkey':
    case 'invalid':
      return 'refused'
  }
}

/** What the screen says when the authority gave no answer to the question at all. */
export const callFailure = (
  code: SeatFailure['code'],
): 'offline' | 'log-unavailable' | 'refused' => {
  switch (code) {
    case 'unreachable':
    case 'timeout':
      return 'offline'
    case 'log-unavailable':
    case 'store-busy':
    case 'store-full':
      return 'log-unavailable'
    case 'bad-request':
    case 'unauthenticated':
    case 'not-found':
    case 'session-ended':
    case 'conflict':
    case 'internal':
      return 'refused'
  }
}

/** The same in a panel, which says only what its person can act on. */
export const panelFailure = (code: SeatFailure['code']): 'offline' | 'log-unavailable' => {
  const failure = callFailure(code)
  return failure === 'refused' ? 'offline' : failure
}

export const failureNotice = (code: SeatFailure['code']): Notice => {
  const failure = callFailure(code)
  return { code: failure === 'refused' ? 'try-again' : failure }
}
