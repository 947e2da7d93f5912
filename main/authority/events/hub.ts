import type { Database } from '../../store/port.ts'
import { log } from '../log.ts'
import type { AuthorityEvent } from '../protocol/index.ts'
import { inLots } from '../in-lots.ts'
import { eventsAfter, headsOf, openChannel, seqsOf } from './channels.ts'
import { readEvent, type StoredEvent } from './event.ts'
import { Follower, type FollowerOptions } from './follower.ts'

type Listener = (event: AuthorityEvent) => void

export interface EventSubscription {
  /** Every event after this number, in order, each once. Nothing comes before. */
  from(seq: number): void
  end(): void
}

/** What this node tells the agents that are connected to it. */
export interface EventHub {
  /** Number of the last event for this agent. From now on the workstation is one of all. */
  open(workstation: string): Promise<number>
  /** Events after `seq` that are still kept; empty when there are none or too many were missed. */
  since(workstation: string, seq: number): Promise<readonly AuthorityEvent[]>
  /** `onLost` is told once, instead of any further event: the agent has to say hello again. */
  follow(workstation: string, listener: Listener, onLost?: () => void): EventSubscription
  /** As `follow`, from the next event on. Returns the unsubscribe. */
  subscribe(workstation: string, listener: Listener): () => void
  /** Written by this node, and durable. */
  committed(events: readonly StoredEvent[]): void
  /** Seen in the store, in any order, perhaps again. Returns those that agents were told by it. */
  offer<E extends StoredEvent>(events: readonly E[]): readonly E[]
  /** Something may have been missed: looks into the store for every agent. */
  catchUp(): Promise<void>
  /**
   * Looks whether the store still knows what agents were told. After a failover that lost commits, or
   * a restore, it may not, and its lower numbers would be taken for old news.
   */
  lookBack(): Promise<void>
  /** Another server than before: whatever agents were told may be unknown to it. */
  startAnew(): void
  /** Called after `committed`, for other nodes to hear of it. */
  onCommitted(listener: () => void): void
}

export function createEventHub({ db }: { readonly db: Database }): EventHub {
  const followers = new Map<string, Set<Follower>>()
  let committedListener = () => {}
  const write: Database['write'] = (work, how) => db.write(work, how)
  const seqOf = inLots(async (workstations: readonly string[]) => {
    const seqs = await seqsOf(db, workstations)
    return workstations.map((one) => seqs.get(one) ?? null)
  })

  function add(workstation: string, options: Omit<FollowerOptions, 'after'>) {
    const after = (seq: number) => eventsAfter(db, workstation, seq)
    const follower = new Follower({ ...options, after })
    const here = followers.get(workstation) ?? new Set()
    followers.set(workstation, here.add(follower))
    const end = () => {
      follower.end()
      here.delete(follower)
      if (here.size === 0 && followers.get(workstation) === here) followers.delete(workstation)
    }
    return { follower, end }
  }

  function offer<E extends StoredEvent>(events: readonly E[]): readonly E[] {
    return events.filter((event) => {
      const here = [...(followers.get(event.workstation) ?? [])]
      return here.map((follower) => follower.offer(event)).includes(true)
    })
  }

  return {
    open: (workstation) => openChannel({ write, seqOf }, workstation),
    async since(workstation, seq) {
      const stored = await eventsAfter(db, workstation, seq)
      if (stored[0]?.seq !== seq + 1) return []
      return stored.map(readEvent).filter((event) => event !== null)
    },
    follow(workstation, listener, onLost = () => {}) {
      const { follower, end } = add(workstation, { listener, onLost })
      return { from: (seq) => follower.from(seq), end }
    },
    subscribe: (workstation, listener) => add(workstation, { listener, fromFirst: true }).end,
    committed(events) {
      if (events.length === 0) return
      offer(events)
      committedListener()
    },
    offer,
    async catchUp() {
      // One after another: a node with thousands of agents has few connections to the store.
      for (const here of followers.values()) for (const follower of here) await follower.catchUp()
    },
    async lookBack() {
      if (followers.size === 0) return
      // Before the store is asked: what is passed on meanwhile is none that it could have lost.
      const told = [...followers].flatMap(([workstation, here]) =>
        [...here].map((follower) => ({ workstation, follower, seq: follower.seq })),
      )
      const heads = await headsOf(db)
      const lost = told.filter(
        ({ workstation, seq }) => seq !== null && seq > (heads.get(workstation) ?? 0),
      )
      if (lost.length > 0) log('warn', 'events-lost', { agents: lost.length })
      for (const { follower } of lost) follower.lost()
    },
    startAnew() {
      for (const here of followers.values())
        for (const follower of here) if (follower.seq !== null) follower.lost()
    },
    onCommitted(listener) {
      committedListener = listener
    },
  }
}
