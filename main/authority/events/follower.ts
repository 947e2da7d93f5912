import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { AuthorityEvent } from '../protocol/index.ts'
import { readEvent, type StoredEvent } from './event.ts'

/** A failed reading is tried again after this, ms. */
const again = 250

export interface FollowerOptions {
  readonly listener: (event: AuthorityEvent) => void
  /** Reads what is stored after a number. */
  readonly after: (seq: number) => Promise<readonly StoredEvent[]>
  /** Begin with whatever is offered first, instead of at `from`. */
  readonly fromFirst?: boolean
  /** Told once, instead of any further event: the store lost some that were passed on. */
  readonly onLost?: () => void
}

/**
 * Brings one agent's events into order: each once, none left out. It is offered events as they are
 * noticed, in any order and more than once. What is not the next one only shows that something is
 * missing, and that is read from the store.
 */
export class Follower {
  readonly #listener: FollowerOptions['listener']
  readonly #after: FollowerOptions['after']
  readonly #onLost: () => void
  #fromFirst: boolean
  /** Number of the last event passed on; null: it does not yet know from where on. */
  #seq: number | null = null
  /** The highest number that was offered. */
  #noticed = 0
  #reading = false
  #retry: NodeJS.Timeout | null = null
  #ended = false

  constructor({ listener, after, fromFirst = false, onLost = () => {} }: FollowerOptions) {
    this.#fromFirst = fromFirst
    this.#listener = listener
    this.#after = after
    this.#onLost = onLost
  }

  /** Number of the last event passed on, or from which on it passes them on; null: not known yet. */
  get seq(): number | null {
    return this.#seq
  }

  /** Passes on everything after `seq` from now on; what was offered before is not forgotten. */
  from(seq: number): void {
    this.#seq = seq
    if (this.#noticed > seq) void this.catchUp()
  }

  /** Whether it was the next one, and is passed on. */
  offer(event: StoredEvent): boolean {
    this.#noticed = Math.max(this.#noticed, event.seq)
    if (this.#fromFirst) this.#seq = event.seq - 1
    this.#fromFirst = false
    if (this.#ended || this.#seq === null || this.#reading) return false
    if (event.seq <= this.#seq) return false
    const next = event.seq === this.#seq + 1
    if (next) this.#pass(event)
    else void this.catchUp()
    return next
  }

  /** Reads what is stored, without being offered anything. */
  async catchUp(): Promise<void> {
    if (this.#reading || this.#seq === null) return
    this.#reading = true
    try {
      do {
        const stored = await this.#after(this.#seq)
        // A first one that is not the next is the oldest still kept: the agent says hello.
        for (const event of stored) if (!this.#ended && event.seq > this.#seq) this.#pass(event)
        if (stored.length === 0) break
      } while (!this.#ended && this.#noticed > this.#seq)
    } catch (error) {
      log('warn', 'events-not-read', describeError(error))
      this.#tryAgain()
    } finally {
      this.#reading = false
    }
  }

  /** The store does not know any more what was passed on: numbers mean something else now. */
  lost(): void {
    if (this.#ended) return
    this.end()
    this.#onLost()
  }

  end(): void {
    this.#ended = true
    if (this.#retry) clearTimeout(this.#retry)
  }

  #pass(event: StoredEvent): void {
    this.#seq = event.seq
    const known = readEvent(event)
    if (known) this.#listener(known)
  }

  #tryAgain(): void {
    if (this.#ended) return
    this.#retry = setTimeout(() => void this.catchUp(), again)
    this.#retry.unref()
  }
}
