import type { Call } from '../authority/protocol/index.ts'

/**
 * What a workstation answers by itself. Everything else needs the authority: nobody enrols a badge or
 * a passkey, reviews, launches an application or moves a session while it cannot be reached.
 */
export const availableOffline: ReadonlySet<Call> = new Set<Call>([
  'agent.hello',
  'tap.identify',
  'passkey.challenge',
  'session.start',
  'session.resume',
  'session.shield',
  'session.activity',
  'session.end',
  'session.cleared',
  'fallback.request',
  'fallback.approve',
  'fallback.decline',
  'override.start',
  'override.end',
  'workstation.report',
])
