import type { WedgeSetting } from './wedge.ts'

/** A key as the window system reported it. `code` is physical (UI Events), `at` in ms, monotonic. */
export interface WedgeKey {
  readonly type: 'keyDown' | 'keyUp'
  readonly code: string
  readonly isAutoRepeat: boolean
  readonly modifiers: readonly ('shift' | 'control' | 'alt' | 'meta')[]
  readonly at: number
}

/** What becomes of the key; a key that completes a badge is swallowed, too. */
export type WedgeAnswer = 'pass' | 'swallow' | { readonly read: string }

/** Between two keys of a reader, ms. People are slower. */
const gapMs = 100
/** From its first key to its last, ms. */
const wholeMs = 1_500

interface Burst {
  /** Keys of prefix, badge and suffix so far; null: it went wrong, and the rest of it is nothing. */
  readonly matched: number | null
  readonly text: string
  readonly startedAt: number
  readonly lastAt: number
}

/** Keypad and row mean the same digit. */
const sameKey = (code: string): string => code.replace(/^Numpad(?=[0-9]$)/, 'Digit')

const characterOf = (code: string, digits: WedgeSetting['digits']): string | null => {
  const digit = /^Digit([0-9])$/.exec(sameKey(code))?.[1]
  if (digit !== undefined) return digit
  return digits === 'hex' ? (/^Key([A-F])$/.exec(code)?.[1] ?? null) : null
}

/** Alone they type nothing; readers press them for capitals. */
const isShift = (code: string): boolean => code === 'ShiftLeft' || code === 'ShiftRight'

/**
 * Reads badges out of what a reader types (R11): prefix, as many characters as were set, suffix, at
 * the speed of a machine. Nothing is known of who typed it: anybody with a keyboard can. Keys are
 * physical, so the layout does not matter.
 *
 * A reader must not press buttons: once the prefix is there, all that follows at its speed is
 * swallowed, also when it turns out to be no badge. Whatever pauses longer than a reader is a person
 * again, and passes.
 */
export const createWedgeDecoder = (setting: WedgeSetting) => {
  const prefix = setting.prefix.map(sameKey)
  const suffix = setting.suffix.map(sameKey)
  const characters = prefix.length + setting.length
  const whole = characters + suffix.length
  let burst: Burst | null = null
  /** Keys that are down and were swallowed: their repeats and their end are nobody's either. */
  const down = new Set<string>()

  const start = (code: string, at: number): WedgeAnswer => {
    burst = code === prefix[0] ? { matched: 1, text: '', startedAt: at, lastAt: at } : null
    return burst === null ? 'pass' : 'swallow'
  }

  /** The next key of a burst; null: it does not belong there. */
  const advance = (matched: number, code: string): { readonly character: string } | null => {
    if (matched >= prefix.length && matched < characters) {
      const character = characterOf(code, setting.digits)
      return character === null ? null : { character }
    }
    const expected = matched < prefix.length ? prefix[matched] : suffix[matched - characters]
    return code === expected ? { character: '' } : null
  }

  const pressed = ({ code: physical, modifiers, at }: WedgeKey): WedgeAnswer => {
    const code = sameKey(physical)
    // A shortcut is a person's.
    if (modifiers.some((modifier) => modifier !== 'shift')) {
      burst = null
      return 'pass'
    }
    const late = burst !== null && (at - burst.lastAt > gapMs || at - burst.startedAt > wholeMs)
    if (burst === null || late) return start(code, at)
    const { matched, text, startedAt } = burst
    if (isShift(code)) return 'swallow'
    const next = matched === null ? null : advance(matched, code)
    if (matched === null || next === null) {
      // Not even a prefix, or another one: it is looked at as if nothing had been before.
      if (code === prefix[0] || (matched !== null && matched < prefix.length))
        return start(code, at)
      burst = { matched: null, text: '', startedAt, lastAt: at }
      return 'swallow'
    }
    const read = text + next.character
    const done = matched + 1 === whole
    burst = done ? null : { matched: matched + 1, text: read, startedAt, lastAt: at }
    return done ? { read } : 'swallow'
  }

  return {
    feed(key: WedgeKey): WedgeAnswer {
      if (key.type === 'keyUp') return down.delete(key.code) ? 'swallow' : 'pass'
      if (key.isAutoRepeat) return down.has(key.code) ? 'swallow' : 'pass'
      const answer = pressed(key)
      if (answer === 'pass') down.delete(key.code)
      else down.add(key.code)
      return answer
    },

    /** What was typed so far was not for us. */
    drop(): void {
      burst = null
      down.clear()
    },
  }
}
export type WedgeDecoder = ReturnType<typeof createWedgeDecoder>
