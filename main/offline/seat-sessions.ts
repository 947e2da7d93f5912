import type {
  AuthorityEvent,
  Call,
  Response,
  SessionId,
  SessionView,
} from '../authority/protocol/index.ts'
import type { KnownSession } from './seed.ts'

export interface SeatSessions {
  readonly known: readonly KnownSession[]
  /** What is live, as an authority says it. */
  reset(sessions: readonly SessionView[], at: number): void
  event(event: AuthorityEvent): void
  /** A call that an authority answered. */
  answered(call: Call, params: unknown, value: unknown, at: number): void
}

/** Remembers what is live at this seat, from what passes between it and its authority. */
export function createSeatSessions(): SeatSessions {
  const sessions = new Map<SessionId, KnownSession>()
  const put = (view: SessionView, shieldedAt: number | null) =>
    sessions.set(view.sessionId, { view, shieldedAt })
  const change = (view: SessionView) => put(view, sessions.get(view.sessionId)?.shieldedAt ?? null)

  return {
    get known() {
      return [...sessions.values()]
    },
    reset(views) {
      const before = new Map(sessions)
      sessions.clear()
      for (const view of views) put(view, before.get(view.sessionId)?.shieldedAt ?? null)
    },
    event(event) {
      if (event.type === 'session.ended') sessions.delete(event.sessionId)
      if (event.type === 'session.changed') change(event.session)
      if (event.type !== 'override.ended') return
      const held = sessions.get(event.sessionId)
      if (held?.view.override?.overrideId === event.overrideId)
        change({ ...held.view, override: null })
    },
    answered(call, params, value, at) {
      const { sessionId } = params as { readonly sessionId?: SessionId }
      switch (call) {
        case 'session.start':
        case 'session.resume':
        case 'session.take':
        case 'fallback.approve': {
          const answer = value as Response<typeof call>
          if (answer.outcome === 'signed-in') put(answer.session, null)
          return
        }
        case 'override.start': {
          const answer = value as Response<typeof call>
          const held = sessionId === undefined ? undefined : sessions.get(sessionId)
          if (answer.outcome === 'granted' && held)
            change({ ...held.view, override: answer.override })
          return
        }
        case 'session.activity': {
          const held = sessionId === undefined ? undefined : sessions.get(sessionId)
          const { inactiveAt } = value as Response<typeof call>
          if (held) change({ ...held.view, inactiveAt })
          return
        }
        case 'session.shield': {
          const held = sessionId === undefined ? undefined : sessions.get(sessionId)
          if (held) put(held.view, held.shieldedAt ?? at)
          return
        }
        case 'session.end':
          if (sessionId !== undefined) sessions.delete(sessionId)
          return
        default:
      }
    },
  }
}
