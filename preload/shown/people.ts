/** A person before verification: the short form that policy allows. */
export interface Incoming {
  readonly label: string
  readonly initials: string
}

/** A person after verification. */
export interface Person extends Incoming {
  readonly displayName: string
  readonly role: 'nurse' | 'physician' | 'charge-nurse' | 'privacy-officer' | 'it-engineer'
  /** 0 to 359: colour of the person's mark; changes on a switch. */
  readonly hue: number
}

/** Whose work is being put aside by the tap in progress. */
export interface Outgoing {
  readonly label: string
  readonly fate: 'kept'
}
