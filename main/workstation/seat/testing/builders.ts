import type { Response } from '../../../authority/protocol/procedures.ts'
import { sessionViewSchema } from '../../../authority/protocol/views.ts'
import type {
  BadgeView,
  NoticeView,
  PersonView,
  SessionId,
  SessionView,
} from '../../../authority/protocol/views.ts'
import type { Inspection } from '../../../badge/inspection.ts'
import type { ReaderState } from '../../../badge/reader-messages.ts'
import { settings } from '../../../policy/settings.ts'
import type { Policy } from '../../../policy/settings.ts'
import type { FactEvent } from '../events.ts'

/* Builders for tests of the seat: invented people on an invented ward. */

export const start = 1_000_000

const defaults = Object.fromEntries(
  Object.entries(settings).map(([name, setting]) => [name, setting.default]),
) as unknown as Policy

export const aPolicy = (overrides: Partial<Policy> = {}): Policy => ({ ...defaults, ...overrides })

export const people = ['mira', 'otto', 'zoe', 'ivo'] as const
export type Name = (typeof people)[number]

export const aPerson = (name: Name): PersonView => ({
  ...sessionViewSchema.shape.person.parse({
    personId: `person-${name}`,
    label: `${name} T.`,
    initials: name.slice(0, 2).toUpperCase(),
    displayName: `${name} Test`,
    role: 'nurse',
    hue: 120,
  }),
})

export const aSession = (
  name: Name,
  now: number,
  overrides: Partial<SessionView> = {},
): SessionView => ({
  ...sessionViewSchema.parse({
    sessionId: `session-${name}`,
    person: aPerson(name),
    kind: 'standard',
    assurance: { aal: 2, amr: ['hwk', 'user'], verifiedAt: now },
    startedAt: now,
    endsAt: now + 12 * 3_600_000,
    inactiveAt: now + 3_600_000,
    tapGraceUntil: now + 2 * 3_600_000,
    applications: ['ehr', 'imaging'],
    scope: 'full',
    patient: null,
    witness: null,
    override: null,
    notices: [],
  }),
  ...overrides,
})

export const aBadge = (cardId: string, overrides: Partial<BadgeView> = {}): BadgeView => ({
  badgeId: `${cardId}-chip`,
  cardId,
  name: `${cardId} card`,
  kind: 'permanent',
  status: 'active',
  technology: 'WIEGAND H10301',
  tag: '01ab23',
  assignedAt: start,
  endsAt: null,
  lastSeenAt: null,
  lastSeenWhere: null,
  ...overrides,
})

export const aNotice = (noticeId: string, at: number = start): NoticeView => ({
  noticeId,
  kind: 'badge-added',
  at,
  where: 'Bay 3',
})

export const anInspection = (overrides: Partial<Inspection> = {}): Inspection => ({
  reader: 'r1',
  model: 'pcProx',
  at: 17,
  raw: '••••',
  transforms: [],
  candidates: [],
  profile: 'H10301',
  result: { outcome: 'badge', identity: 'H10301|•', refusedAtEnrolment: null },
  ...overrides,
})

export const aReader = (
  state: ReaderState,
  reader = 'r0',
): Extract<FactEvent, { type: 'reader' }> => ({
  type: 'reader',
  reader,
  model: 'pcProx',
  state,
  detail: '',
})

export const aSessionId = (id: string): SessionId => sessionViewSchema.shape.sessionId.parse(id)

export const aHello = (
  now: number,
  sessions: readonly SessionView[] = [],
): Response<'agent.hello'> => ({
  now,
  rpId: 'hospital.example',
  origin: 'https://agent.hospital.example',
  seq: 0,
  sessions: [...sessions],
  applications: [
    { id: 'ehr', name: 'Chart', kind: 'ehr', origins: ['https://ehr.hospital.example'] },
    { id: 'imaging', name: 'Images', kind: 'imaging', origins: ['https://pacs.hospital.example'] },
  ],
  policy: {},
  offline: null,
})

export const aCeremony = (id: string, now: number) => ({
  ceremonyId: id,
  options: { challenge: 'AAAA' },
  expiresAt: now + 60_000,
})

export const anIdentity = (
  name: Name,
  now: number,
  session: SessionView | null = null,
  passkey = true,
): Response<'tap.identify'> => {
  const { personId, label, initials } = aPerson(name)
  return {
    outcome: 'identified',
    person: { personId, label, initials },
    session,
    elsewhere: null,
    passkey,
    ceremony: aCeremony(`ceremony-${name}-${now}`, now),
  }
}

export const aCredential = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key' as const,
  response: {},
}
