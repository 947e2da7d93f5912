import type { BadgeEnrolmentShown, BadgeShown } from '../../preload/shown/badges.ts'
import type { NoticeShown } from '../../preload/shown/session.ts'
import type { Panel } from '../../preload/shown/panel.ts'
import type { Proof } from '../../preload/shown/proof.ts'
import type { Screen } from '../../preload/shown/screen.ts'
import { anselm, at, mary, now, session } from './people.ts'
import type { Sample } from './samples.ts'
import { ceremony } from './samples-sign-in.ts'
import { active } from './samples-workspace.ts'

type Failure = (BadgeEnrolmentShown & { step: 'failed' })['failure']

const day = 86_400_000

const own: BadgeShown = {
  cardId: 'one',
  name: 'Staff card on the blue strap',
  kind: 'permanent',
  status: 'active',
  technologies: ['WIEGAND H10301'],
  assignedAt: now - 400 * day,
  endsAt: null,
  lastSeenAt: at(7, 2),
  lastSeenWhere: 'W3-NURSE-02',
}
const badges: readonly BadgeShown[] = [
  own,
  {
    ...own,
    cardId: 'two',
    name: 'Loaner 14',
    kind: 'loaner',
    technologies: ['ISO14443A RAW', 'EM4102'],
    assignedAt: at(7, 0),
    endsAt: at(19, 0),
    lastSeenAt: null,
    lastSeenWhere: null,
  },
  { ...own, cardId: 'three', name: 'Old card', status: 'lost', lastSeenAt: now - 9 * day },
  { ...own, cardId: 'four', name: 'Gym card', status: 'conflicting', lastSeenWhere: null },
]

const failures: readonly Failure[] = [
  'taken',
  'yours',
  'emergency',
  'differs',
  'expired',
  'loaner-only',
  'not-found',
  'two-badges',
  'offline',
  'log-unavailable',
]

const kinds: readonly NoticeShown['kind'][] = [
  'badge-detached',
  'lost-badge-used',
  'badge-claimed',
  'badge-travelled',
  'passkey-added',
  'passkey-removed',
  'seat-unsecured',
  'seat-secured',
  'vouched-for',
]

const waiting: Proof = { step: 'waiting', ceremony: ceremony(false) }
const form = { step: 'form', loanerOnly: false, sameCard: null, replaceable: [] } as const

const panel = (panel: Panel): Screen => ({ ...active, panel })
const shown = (id: string, changes: Partial<Panel & { name: 'badges' }>): Sample => ({
  id,
  screen: panel({ name: 'badges', badges, proof: null, failure: null, ...changes }),
})
const enrolment = (step: string, enrolment: BadgeEnrolmentShown): Sample => ({
  id: `badge-enrolment.${step}`,
  screen: panel({ name: 'badge-enrolment', enrolment }),
})

const notice = (kind: NoticeShown['kind'], days = 0): NoticeShown => ({
  noticeId: kind,
  kind,
  at: at(7, 31) - days * day,
  where: 'W3-NURSE-02',
})
const told = (...notices: readonly NoticeShown[]): Screen & { name: 'active' } => ({
  ...active,
  session: session(mary, { notices }),
  banner: { code: 'notice' },
})

export const badgeSamples: readonly Sample[] = [
  shown('badges', {}),
  shown('badges.loading', { badges: null }),
  shown('badges.none', { badges: [] }),
  shown('badges.offline', { badges: null, failure: 'offline' }),
  shown('badges.log-unavailable', { badges: [own], failure: 'log-unavailable' }),
  shown('badges.found', { proof: waiting }),
  enrolment('first-tap', { step: 'first-tap' }),
  enrolment('second-tap', { step: 'second-tap', until: now + 30_000 }),
  enrolment('checking', { step: 'checking' }),
  enrolment('form', { ...form, replaceable: badges.slice(0, 2) }),
  enrolment('form.loaner-only', { ...form, loanerOnly: true }),
  enrolment('form.same-card', { ...form, sameCard: own.cardId, replaceable: [own] }),
  enrolment('proof', { step: 'proof', proof: waiting }),
  enrolment('done', { step: 'done', kind: 'permanent', endsAt: null }),
  enrolment('done.loaner', { step: 'done', kind: 'loaner', endsAt: at(19, 0) }),
  enrolment('failed.unfit', { step: 'failed', failure: 'unfit' }),
  ...failures.map((failure): Sample => ({
    ...enrolment(`failed.${failure}`, { step: 'failed', failure }),
    wordsOnly: true,
  })),
  {
    id: 'active.banner.badge-refused.may-add',
    screen: { ...active, banner: { code: 'badge-refused', mayAdd: true } },
  },
  { id: 'active.notice.badge-added', screen: told(notice('badge-added')) },
  ...kinds.map((kind): Sample => ({
    id: `active.notice.${kind}`,
    // Older than today, and not alone: the longest that the sentence becomes.
    screen: told(notice(kind, 3), notice('badge-added', 4)),
    wordsOnly: true,
  })),
  {
    id: 'active.override.notice',
    screen: {
      ...told(notice('badge-added', 3)),
      session: session(anselm, {
        notices: [notice('badge-added', 3)],
        override: { patient: 'MRN-20417', endsAt: now + 14 * 60_000 },
      }),
    },
  },
]
