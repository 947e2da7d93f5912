import type { CSSProperties } from 'react'
import type { Incoming, Person } from '../../preload/shown/people.ts'

/**
 * A person's initials in a disc. Coloured by the person's hue once verified, neutral before. The
 * name stands beside it, so it is decoration to a screen reader.
 */
export function PersonMark({
  person,
  size = 'medium',
}: {
  readonly person: Incoming | Person
  readonly size?: 'medium' | 'large'
}) {
  const style = 'hue' in person ? ({ '--hue': person.hue } as CSSProperties) : undefined
  return (
    <span
      className={`mark mark-${size}`}
      data-known={'hue' in person}
      aria-hidden="true"
      {...(style === undefined ? {} : { style })}
    >
      {person.initials}
    </span>
  )
}
