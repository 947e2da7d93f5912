import type { Incoming, Person } from '../../preload/shown/people.ts'
import type { SessionShown } from '../../preload/shown/session.ts'

/* Invented people; any likeness is chance. The gallery's morning is Sunday, 22 November 2026. */

/** 22 Nov 2026 at this local time, as Unix milliseconds. */
export const at = (hours: number, minutes: number, seconds = 0) =>
  new Date(2026, 10, 22, hours, minutes, seconds).getTime()

export const now = at(7, 45)

export const mary: Person = {
  label: 'Mary U.',
  initials: 'MU',
  displayName: 'Mary Underwood',
  role: 'nurse',
  hue: 255,
}
export const anselm: Person = {
  label: 'Anselm Q.',
  initials: 'AQ',
  displayName: 'Dr. Anselm Quist',
  role: 'physician',
  hue: 340,
}
export const ottilie: Person = {
  label: 'Ottilie B.',
  initials: 'OB',
  displayName: 'Ottilie Brandmeyer-Featherstone',
  role: 'charge-nurse',
  hue: 60,
}

export const tilda: Person = {
  label: 'Tilda V.',
  initials: 'TV',
  displayName: 'Tilda Vance',
  role: 'it-engineer',
  hue: 150,
}

/** What is shown before verification. */
export const short = ({ label, initials }: Person): Incoming => ({ label, initials })

export const session = (person: Person, changes: Partial<SessionShown> = {}): SessionShown => ({
  person,
  kind: 'standard',
  aal: 2,
  verifiedAt: at(7, 2),
  endsAt: at(19, 2),
  tapGraceUntil: at(9, 2),
  scope: 'full',
  witness: null,
  override: null,
  mayReview: false,
  mayTestReaders: false,
  notices: [],
  ...changes,
})
