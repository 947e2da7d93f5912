/*
 * The ASCII command protocol of RF IDeas' serial and virtual COM readers (manual 99009150): `rfid:`,
 * a command and CR. What is asked for comes in braces; an echo, a prompt, and what the reader prints
 * for people may stand in front of it.
 */
import type { Word } from './formats/engine.ts'

/** Characters of the longest line: a card of 255 bits behind prompt and echo. */
export const rfIdeasLimit = 160
export const rfIdeasPrompt = 'RF IDeas>'

export const queueRequest = 'rfid:qid\r'
export const query = (variable: string) => `rfid:${variable}?\r`
export const assignment = (variable: string, value: string) => `rfid:${variable}=${value}\r`

/** Unit of the ages, ms. */
export const tickMs = 48
const oldest = 0xffff

/** What `qid` tells: `{AGE,OVERRUN,LOCKOUT,BITCOUNT;ID}`, all but the counts in hex. */
export interface Queued {
  /** Null: nothing was read, or too long ago for its age to tell. */
  readonly card: Word | null
  /** Ticks since the card was read. */
  readonly age: number
  /** Ticks until another card can be read; more than zero while one lies there. */
  readonly lockout: number
}

const queuedPattern =
  /\{0x([0-9a-f]{1,4}),(\d{1,3}),0x([0-9a-f]{1,4}),(\d{1,3});0x([0-9a-f]{1,64})\}$/i

/** Null: it is no such answer, or one that contradicts itself. */
export function parseQueued(text: string): Queued | null {
  const found = queuedPattern.exec(text)
  if (!found) return null
  const [, age = '', , lockout = '', count = '', id = ''] = found
  const word = { bits: Number(count), value: BigInt(`0x${id}`) }
  if (word.bits > 255 || word.value >> BigInt(word.bits) !== 0n) return null
  const ticks = Number.parseInt(age, 16)
  const nothing = word.bits === 0 || word.value === 0n || ticks === oldest
  if (!nothing && word.bits < 4) return null
  return { card: nothing ? null : word, age: ticks, lockout: Number.parseInt(lockout, 16) }
}

/** Whether a line tries to be an answer to `qid`, well or badly. */
export const isQueued = (text: string): boolean => /\{[^{}]*;[^{}]*\}$/.test(text)

/** The value in an answer to a query: `{3}`, `{True}`; null when it is something else. */
export function parseValue(text: string): string | null {
  const value = /\{(\d{1,5}|true|false)\}$/i.exec(text)?.[1]
  return value === undefined ? null : value.toLowerCase()
}

/** `Error#1` and so on; the reader does not know it, or it is out of range. */
export const isError = (text: string): boolean => /(^|>)Error ?#\d/i.test(text)
