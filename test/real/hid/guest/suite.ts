import { writeSync } from 'node:fs'

/** What the guest tells the host, one JSON line each; the host's side is host/report.ts. */
export type GuestLine =
  | {
      readonly type: 'case'
      readonly name: string
      readonly ok: boolean
      readonly ms: number
      /** What was seen, or why it failed. */
      readonly detail: string
    }
  | { readonly type: 'figure'; readonly name: string; readonly value: string }
  | { readonly type: 'result'; readonly passed: number; readonly failed: number }

export function tell(line: GuestLine): void {
  writeSync(1, `LANYARD-HID ${JSON.stringify(line)}\n`)
}

let passed = 0
let failed = 0

/** Runs one case; what it returns is told beside its name. A failed one does not end the suite. */
export async function test(name: string, work: () => Promise<string>): Promise<void> {
  const startedAt = performance.now()
  const end = (ok: boolean, detail: string) =>
    tell({ type: 'case', name, ok, ms: Math.round(performance.now() - startedAt), detail })
  try {
    end(true, await work())
    passed += 1
  } catch (error) {
    failed += 1
    end(false, error instanceof Error ? error.message : String(error))
  }
}

export const finish = () => tell({ type: 'result', passed, failed })

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

export function same(actual: unknown, expected: unknown, what: string): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  check(seen === wanted, `${what}: expected ${wanted}, got ${seen}`)
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** What `look` finds; fails with `otherwise` when that is nothing for `ms`. */
export async function until<T>(
  look: () => T | null | undefined | false,
  ms: number,
  otherwise: () => string,
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const found = look()
    if (found) return found
    check(performance.now() < deadline, otherwise())
    await pause(20)
  }
}
