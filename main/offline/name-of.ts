import type { PersonView } from '../authority/protocol/index.ts'

/** The two parts of a name that an authority's view shows as `Maria Example` and `Maria E.`. */
export function nameOf({ displayName, label }: Pick<PersonView, 'displayName' | 'label'>): {
  readonly given: string
  readonly family: string
} {
  const given = label.replace(/ [^ ]*\.$/, '')
  return displayName.startsWith(`${given} `)
    ? { given, family: displayName.slice(given.length + 1) }
    : { given: displayName, family: '' }
}
