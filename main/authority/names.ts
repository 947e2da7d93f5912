import { hash } from 'node:crypto'
import type { Policy } from '../policy/settings.ts'
import {
  type IncomingPerson,
  type PersonView,
  personIdSchema,
  type Role,
  roleSchema,
} from './protocol/index.ts'

/** A person as the directory holds them. */
export interface Named {
  readonly person_id: string
  readonly given: string
  readonly family: string
  readonly role: string
}

// Making one costs more than the rest of a sign-in's names.
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const plain = /^[A-Za-z](?:[ -~]|$)/

/** First letter as a reader sees it: `É`, not half of a composed character. */
function initial(name: string): string {
  const text = name.trim()
  // Two letters of ASCII never make one character, and most names begin with them.
  if (plain.test(text)) return text.charAt(0).toUpperCase()
  const [first] = graphemes.segment(text)
  return (first?.segment ?? '').toLocaleUpperCase('en')
}

const initials = ({ given, family }: Named) => initial(given) + initial(family)
/** People with one name have it as their given name. */
const shortName = ({ given, family }: Named) =>
  family === '' ? given : `${given} ${initial(family)}.`

/** Colour of the person's mark, 0 to 359, the same on every workstation and after every restart. */
export function hue(personId: string): number {
  return hash('sha256', personId, 'buffer').readUInt32BE(0) % 360
}

/** What may be shown before verification (policy `screen.nameBefore`). */
export function incomingPerson(
  person: Named,
  policy: Pick<Policy, 'screen.nameBefore'>,
): IncomingPerson {
  const personId = personIdSchema.parse(person.person_id)
  switch (policy['screen.nameBefore']) {
    case 'first-initial':
      return { personId, label: shortName(person), initials: initials(person) }
    case 'initials':
      return { personId, label: initials(person), initials: initials(person) }
    case 'none':
      return { personId, label: '', initials: '' }
  }
}

/** What is shown of a person after verification, inside their own session. */
export function personView(person: Named): PersonView {
  const role: Role = roleSchema.parse(person.role)
  return {
    personId: personIdSchema.parse(person.person_id),
    label: shortName(person),
    initials: initials(person),
    displayName: displayName(person),
    role,
    hue: hue(person.person_id),
  }
}

export const displayName = ({ given, family }: Named) => `${given} ${family}`.trim()
/** Short form for a witness in somebody else's session. */
export const witnessName = shortName
