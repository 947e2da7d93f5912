/** What the caller who hears `Overload` may believe, and what to do next. */
const told = {
  full: 'This node has as much to do as it takes; nothing of this took place. Try again in a moment.',
  workstation:
    'This workstation has as many calls under way as a node takes from one; nothing of this took place. Try again in a moment.',
  nothing:
    'The database is slow, so this was given up; nothing of it took place. Try again in a moment.',
  unknown:
    'The database is slow; this may have taken place, in whole or in part. Look at what holds before it is tried again.',
  lasting:
    'The database is slow; what ends or secures a session still takes place as soon as it answers.',
} as const

/** A node has more to do than it takes on; answered with `store-busy`, and counted, not logged. */
export class Overload extends Error {
  readonly code = 'overload'
  readonly reason: keyof typeof told
  constructor(reason: keyof typeof told) {
    super(told[reason])
    this.name = 'Overload'
    this.reason = reason
  }
}
