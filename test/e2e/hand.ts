import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlCommand, DiaryLine } from '../sandbox/control.ts'

/** The hand at the workstation: taps, keys, time, and the diary of what Lanyard did. */
export interface Hand {
  do(command: ControlCommand): Promise<Record<string, unknown>>
  tap(person: string): Promise<void>
  key(person: string | null): Promise<void>
  /** Everything since the start. */
  diary(): Promise<readonly DiaryLine[]>
  /** The first line from index `from` on that fits; fails after `timeout` ms saying what came. */
  waitFor(
    wanted: string,
    fits: (what: DiaryLine['what']) => boolean,
    options?: { from?: number; timeout?: number },
  ): Promise<DiaryLine>
  mark(): Promise<number>
}

export function createHand(control: { url: string; token: string }): Hand {
  const headers = {
    authorization: `Bearer ${control.token}`,
    'content-type': 'application/json',
  }
  const lines: DiaryLine[] = []

  async function refresh(wait: number): Promise<void> {
    const answer = await fetch(`${control.url}/diary?after=${lines.length}&wait=${wait}`, {
      headers,
    })
    lines.push(...((await answer.json()) as DiaryLine[]))
  }

  async function send(command: ControlCommand): Promise<Record<string, unknown>> {
    const answer = await fetch(control.url, {
      method: 'POST',
      headers,
      body: JSON.stringify(command),
    })
    const value = (await answer.json()) as Record<string, unknown>
    if (value['ok'] !== true) throw new Error(`${command.do}: ${JSON.stringify(value)}`)
    return value
  }

  return {
    do: send,
    async tap(person) {
      await send({ do: 'tap', person })
    },
    async key(person) {
      await send({ do: 'key', person })
    },
    async diary() {
      await refresh(0)
      return lines
    },
    async mark() {
      await refresh(0)
      return lines.length
    },
    async waitFor(wanted, fits, { from = 0, timeout = 10_000 } = {}) {
      const end = Date.now() + timeout
      for (let next = from; ;) {
        const found = lines.slice(next).find((line) => fits(line.what))
        if (found) return found
        next = Math.max(next, lines.length)
        const left = end - Date.now()
        if (left <= 0) {
          const seen = lines.slice(from).map((line) => JSON.stringify(line.what))
          throw new Error(
            `Waited ${timeout} ms for ${wanted}; seen:\n${seen.slice(-12).join('\n')}`,
          )
        }
        await refresh(Math.min(left, 1000))
        await sleep(0)
      }
    },
  }
}
