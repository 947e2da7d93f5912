import type { LiveSession } from '../context.ts'

/** OpenID `acr`: the registered US identity assurance values, "0" where nobody proved anything. */
export const acrOf = ({ aal }: Pick<LiveSession, 'aal'>): string =>
  aal === 0 ? '0' : `http://idmanagement.gov/ns/assurance/aal/${aal}`

/** The override in force at `now`; one that is over is none, whoever still reports it. */
export const overrideOf = ({ override }: Pick<LiveSession, 'override'>, now: number) =>
  override !== null && override.endsAt > now ? override : null

/** HL7 v3 ActReason PurposeOfUse of what the session does at `now`. */
export const purposeOf = (session: LiveSession, now: number): 'BTG' | 'TREAT' =>
  overrideOf(session, now) === null ? 'TREAT' : 'BTG'

/** Launch context of SMART App Launch 2.2: while the glass is broken, its patient is the context. */
export const contextOf = (session: LiveSession, now: number) => {
  const override = overrideOf(session, now)
  return {
    patient: override?.patient ?? session.patient ?? undefined,
    purpose_of_use: purposeOf(session, now),
    override_reason: override?.reason,
    override_until: override === null ? undefined : Math.floor(override.endsAt / 1000),
  }
}

/**
 * Everything an application may know of the session: in the ID token, at userinfo and at
 * introspection alike. Times are seconds since the Unix epoch (RFC 7519 NumericDate).
 */
export const claimsOf = (session: LiveSession, now: number) => ({
  sub: session.personId,
  name: session.displayName,
  role: session.role,
  acr: acrOf(session),
  amr: [...session.amr],
  auth_time: Math.floor(session.verifiedAt / 1000),
  aal: session.aal,
  session_kind: session.kind,
  scope_level: session.scope,
  ...contextOf(session, now),
})
