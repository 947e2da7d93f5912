/** Why the lock screen shows a line of news. It names no person unless policy's short form. */
export type Notice =
  | { readonly code: 'badge-refused' }
  /** The same while the workstation answers by itself: it knows fewer badges. */
  | { readonly code: 'badge-refused-offline' }
  | { readonly code: 'two-badges' }
  | { readonly code: 'too-many-badges' }
  | { readonly code: 'signed-out' }
  | {
      readonly code: 'session-over'
      readonly reason:
        | 'inactivity'
        | 'session-limit'
        | 'emergency-over'
        | 'revoked'
        | 'moved'
        | 'person-disabled'
        | 'workstation-disabled'
        | 'offline-conflict'
    }
  /** The session continues at this workstation since then. */
  | { readonly code: 'moved'; readonly where: string; readonly at: number }
  | { readonly code: 'seat-full' }
  | { readonly code: 'offline' }
  | { readonly code: 'log-unavailable' }
  | { readonly code: 'declined' }
  | { readonly code: 'took-too-long' }
  | { readonly code: 'try-again' }
