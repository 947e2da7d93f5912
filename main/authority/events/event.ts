import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import { type AuthorityEvent, eventSchema } from '../protocol/index.ts'

type WithoutSeq<E> = E extends unknown ? Omit<E, 'seq'> : never
/** An event before it is numbered for its agent. */
export type NewEvent = WithoutSeq<AuthorityEvent>

/** Where a new event goes: to one workstation's agent, or to all that there are. */
export type Recipient = { readonly workstation: string } | 'all'

/** An event as it stands in the store. `body` is what a newer program may have written. */
export interface StoredEvent {
  readonly workstation: string
  readonly seq: number
  readonly body: string
}

/** As another node's reading finds it. */
export interface SeenEvent extends StoredEvent {
  /** Time of the transaction that wrote it. */
  readonly at: number
}

/** Null for an event that only a newer program knows: its agent will find out by a hello. */
export function readEvent({ seq, body }: StoredEvent): AuthorityEvent | null {
  try {
    return eventSchema.parse({ ...(JSON.parse(body) as object), seq })
  } catch (error) {
    log('warn', 'event-not-read', describeError(error))
    return null
  }
}
