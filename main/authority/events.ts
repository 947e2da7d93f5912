import type { AuthorityEvent, WorkstationId } from './protocol/index.ts'

type WithoutSeq<E> = E extends unknown ? Omit<E, 'seq'> : never
/** An event before it is numbered for its agent. */
export type NewEvent = WithoutSeq<AuthorityEvent>

/** How many events an agent may miss before it must reconcile by its sessions alone. */
const kept = 256

export interface EventHub {
  /** Numbers the event for the workstation's agent and delivers it, in order, to its listeners. */
  publish(workstation: WorkstationId, event: NewEvent): void
  /** Number of the last event for this agent; 0 before the first. */
  seq(workstation: WorkstationId): number
  /** Events after `seq` that are still kept; empty when there are none or too many were missed. */
  since(workstation: WorkstationId, seq: number): readonly AuthorityEvent[]
  /** Returns the unsubscribe. */
  subscribe(workstation: WorkstationId, listener: (event: AuthorityEvent) => void): () => void
}

interface Channel {
  seq: number
  readonly recent: AuthorityEvent[]
  readonly listeners: Set<(event: AuthorityEvent) => void>
}

export function createEventHub(): EventHub {
  const channels = new Map<WorkstationId, Channel>()
  const channel = (workstation: WorkstationId): Channel => {
    const found = channels.get(workstation)
    if (found) return found
    const made: Channel = { seq: 0, recent: [], listeners: new Set() }
    channels.set(workstation, made)
    return made
  }

  return {
    publish(workstation, event) {
      const to = channel(workstation)
      to.seq += 1
      const numbered: AuthorityEvent = { ...event, seq: to.seq }
      to.recent.push(numbered)
      if (to.recent.length > kept) to.recent.shift()
      for (const listener of to.listeners) listener(numbered)
    },
    seq: (workstation) => channel(workstation).seq,
    since(workstation, seq) {
      const { recent } = channel(workstation)
      const missed = recent.filter((event) => event.seq > seq)
      return missed[0]?.seq === seq + 1 ? missed : []
    },
    subscribe(workstation, listener) {
      const { listeners } = channel(workstation)
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
