import type { ApplicationShown, SessionShown } from '../../../preload/shown/session.ts'
import type { FallbackStage, Screen } from '../../../preload/shown/screen.ts'
import type { Incoming, Person } from '../../../preload/shown/people.ts'
import type { Notice } from '../../../preload/shown/notice.ts'
import type { ReaderStatus } from '../../../preload/shown/readers.ts'
import type { Snapshot } from '../../../preload/shown/snapshot.ts'
import type { PersonView, SessionId } from '../../authority/protocol/views.ts'
import type { Policy } from '../../policy/settings.ts'
import { bannerOf } from './banner.ts'
import { enrolmentShown } from './enrolment-shown.ts'
import { panelShown } from './panel-shown.ts'
import { proofShown } from './proof-shown.ts'
import { sessionOf } from './sessions.ts'
import type { Home, Interrupted, SeatFallback, SeatSession, SeatState } from './types.ts'

/** What the shell paints, without the running number. `skew` leads to the wall clock. */
export const snapshotOf = (
  state: SeatState,
  policy: Policy,
  now: number,
  skew: number,
): Omit<Snapshot, 'version'> => ({
  workstation: {
    name: policy['workstation.name'],
    place: policy['workstation.place'],
    ...(state.copied ? { copied: true } : {}),
  },
  locale: state.locale,
  theme: state.theme,
  now: now + skew,
  authority: {
    state: state.authority.state,
    since: state.authority.since + skew,
    alone: state.authority.alone && {
      since: state.authority.alone.since + skew,
      until: state.authority.alone.until + skew,
      over: now >= state.authority.alone.until,
    },
  },
  reader: readerStatus(state),
  screen: screenOf(state, policy, skew),
})

/** Whom the authority lets review; it decides, this only spares the others a dead entry. */
const reviewers: ReadonlySet<string> = new Set(['privacy-officer', 'charge-nurse'])

const readerOrder = [
  'ready',
  'babbling',
  'silent',
  'permission-denied',
  'driver-missing',
  'unplugged',
  'missing',
] as const satisfies readonly ReaderStatus[]

/** One reader that works is enough; otherwise the news that leads furthest. */
const readerStatus = ({ readers }: SeatState): ReaderStatus => {
  const states = new Set(Object.values(readers).map(({ status }) => status))
  return readerOrder.find((status) => states.has(status)) ?? 'starting'
}

const screenOf = (state: SeatState, policy: Policy, skew: number): Screen => {
  const { phase } = state
  switch (phase.name) {
    case 'starting':
      return { name: 'starting' }
    case 'fault':
      return { name: 'fault', code: phase.code, reference: phase.reference }
    case 'locked':
      return {
        name: 'locked',
        notice: noticeShown(phase.notice, skew),
        waiting: state.sessions.length,
      }
    case 'identifying':
      return {
        name: 'identifying',
        outgoing: outgoing(state, phase.from, null),
        elsewhere: false,
      }
    case 'resuming':
      return {
        name: 'identifying',
        outgoing: outgoing(state, phase.home, phase.sessionId),
        elsewhere: phase.sessionId === null,
      }
    case 'verifying': {
      const { person, home, proof, elsewhere } = phase
      const own = state.sessions.find(({ view }) => view.person.personId === person?.personId)
      return {
        name: 'verifying',
        person: person && incoming(person),
        proof: proofShown(proof, policy, skew),
        passkey: person?.passkey ?? true,
        outgoing: outgoing(state, home, own?.view.sessionId ?? null),
        elsewhere,
      }
    }
    case 'opening':
      return withSession(state, phase.sessionId, ({ view }) => ({
        name: 'opening',
        person: personShown(view.person),
      }))
    case 'active':
      return withSession(state, phase.sessionId, (session) => ({
        name: 'active',
        session: sessionShown(session, skew),
        applications: applicationsShown(session),
        banner: bannerOf(state, phase, skew),
        panel: phase.panel && panelShown(state, phase.panel, policy, skew),
      }))
    case 'warning':
      return withSession(state, phase.sessionId, (session) => ({
        name: 'warning',
        session: sessionShown(session, skew),
        until: phase.until + skew,
      }))
    case 'shielded':
      return withSession(state, phase.sessionId, ({ view }) => ({
        name: 'shielded',
        owner: incoming(view.person),
        since: phase.since + skew,
        graceUntil: phase.graceUntil === null ? null : phase.graceUntil + skew,
        notice: noticeShown(phase.notice, skew),
      }))
    case 'signing-out':
      return { name: 'signing-out', person: incoming(phase.person) }
    case 'fallback':
      return { name: 'fallback', stage: stageShown(phase.stage, policy, skew) }
    case 'enrolling':
      return { name: 'enrolling', enrolment: enrolmentShown(phase.enrolment) }
  }
}

/** A phase never outlives its session (moves.ts); if it did, the lock screen shows, not content. */
const withSession = (
  state: SeatState,
  sessionId: SessionId,
  show: (session: SeatSession) => Screen,
): Screen => {
  const session = sessionOf(state, sessionId)
  return session === undefined
    ? { name: 'locked', notice: null, waiting: state.sessions.length }
    : show(session)
}

const incoming = ({ label, initials }: Incoming): Incoming => ({ label, initials })

const noticeShown = (notice: Notice | null, skew: number): Notice | null =>
  notice?.code === 'moved' ? { ...notice, at: notice.at + skew } : notice

const personShown = ({ label, initials, displayName, role, hue }: PersonView): Person => ({
  label,
  initials,
  displayName,
  role,
  hue,
})

/** Whose work waits behind this ceremony, unless it is the person's own. */
const outgoing = (state: SeatState, place: Home | Interrupted, own: SessionId | null) => {
  if (place.at === 'locked' || place.sessionId === own) return null
  const session = sessionOf(state, place.sessionId)
  return session === undefined ? null : { label: session.view.person.label, fate: 'kept' as const }
}

const sessionShown = ({ view }: SeatSession, skew: number): SessionShown => ({
  person: personShown(view.person),
  kind: view.kind,
  aal: view.assurance.aal,
  verifiedAt: view.assurance.verifiedAt + skew,
  endsAt: view.endsAt + skew,
  tapGraceUntil: view.tapGraceUntil + skew,
  scope: view.scope,
  witness: view.witness,
  override: view.override && {
    patient: view.override.patient,
    endsAt: view.override.endsAt + skew,
  },
  mayReview: reviewers.has(view.person.role),
  mayTestReaders: view.person.role === 'it-engineer',
  notices: view.notices.map((notice) => ({ ...notice, at: notice.at + skew })),
})

const applicationsShown = ({ applications, focused }: SeatSession): ApplicationShown[] =>
  applications.map(({ id, name, kind, state }) => ({
    id,
    name,
    kind,
    state,
    focused: id === focused,
  }))

const stageShown = (stage: SeatFallback, policy: Policy, skew: number): FallbackStage => {
  switch (stage.step) {
    case 'tap':
    case 'identifying':
      return { step: 'tap' }
    case 'form': {
      const { person, refusal, asked } = stage
      return { step: 'form', person: incoming(person), refusal, busy: asked !== null }
    }
    case 'witness': {
      const { person, reason, note, until, witness, proof, refusal } = stage
      return {
        step: 'witness',
        person: incoming(person),
        reason,
        note,
        until: until + skew,
        minutes: Math.round(policy['emergency.witnessed'] / 60_000),
        witness: witness && incoming(witness),
        proof: proof && proofShown(proof, policy, skew),
        refusal,
      }
    }
  }
}
