import type { ChildProcess, Timers } from './child-process.ts'

/** A child process in the hands of a test. */
export class FakeChild implements ChildProcess {
  readonly posted: unknown[] = []
  readonly #listeners: { message: ((m: unknown) => void)[]; exit: ((code: number) => void)[] } = {
    message: [],
    exit: [],
  }
  killed = false

  postMessage(message: unknown): void {
    this.posted.push(message)
  }

  on(event: 'message' | 'exit', listener: (value: never) => void): this {
    this.#listeners[event].push(listener as never)
    return this
  }

  kill(): boolean {
    this.killed = true
    this.exit(143)
    return true
  }

  say(message: unknown): void {
    for (const listener of this.#listeners.message) listener(message)
  }

  exit(code: number): void {
    for (const listener of this.#listeners.exit) listener(code)
  }
}

/** Timers that run when the test says so. */
export class FakeTimers implements Timers {
  readonly waiting: { readonly run: () => void; readonly ms: number }[] = []

  setTimeout(run: () => void, ms: number): unknown {
    const timer = { run, ms }
    this.waiting.push(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    const index = this.waiting.findIndex((one) => one === timer)
    if (index >= 0) this.waiting.splice(index, 1)
  }

  /** Runs the next one and says how long it would have taken. */
  next(): number | null {
    const timer = this.waiting.shift()
    timer?.run()
    return timer?.ms ?? null
  }
}
