import { EventEmitter } from 'node:events'
import { Guarded, UnsupportedError } from './unsupported.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- Electron's listeners have one signature per event
export type Listener = (...args: any[]) => void

/**
 * An event emitter that knows which events it can emit: listening for another one throws, because
 * a listener that is never called would make a test pass for nothing.
 */
export class Emitter extends Guarded {
  readonly #emitter = new EventEmitter()
  readonly #events: ReadonlySet<string> | 'any'

  constructor(events: readonly string[] | 'any') {
    super()
    this.#events = events === 'any' ? events : new Set(events)
    this.#emitter.setMaxListeners(0)
  }

  #check(event: string) {
    if (this.#events !== 'any' && !this.#events.has(event))
      throw new UnsupportedError(`the event '${event}' of ${this.constructor.name}`)
  }

  on(event: string, listener: Listener): this {
    this.#check(event)
    this.#emitter.on(event, listener)
    return this
  }

  once(event: string, listener: Listener): this {
    this.#check(event)
    this.#emitter.once(event, listener)
    return this
  }

  off(event: string, listener: Listener): this {
    this.#emitter.off(event, listener)
    return this
  }

  addListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener)
  }

  removeAllListeners(event?: string): this {
    this.#emitter.removeAllListeners(event)
    return this
  }

  listenerCount(event: string): number {
    return this.#emitter.listenerCount(event)
  }

  emit(event: string, ...args: readonly unknown[]): boolean {
    this.#check(event)
    return this.#emitter.emit(event, ...args)
  }
}

/** The first argument of Electron's listeners. */
export interface PreventableEvent {
  readonly defaultPrevented: boolean
  preventDefault(): void
}

/** A new event carrying `members`; `preventDefault` is effective as far as the emitter looks. */
export const createEvent = <T extends object>(members: T): T & PreventableEvent => {
  let prevented = false
  const event = {
    preventDefault: () => {
      prevented = true
    },
  }
  Object.defineProperty(event, 'defaultPrevented', { get: () => prevented })
  return Object.assign(event, members) as unknown as T & PreventableEvent
}
