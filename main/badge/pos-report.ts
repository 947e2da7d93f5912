import type { Reading } from './reader-core.ts'

/*
 * Bar codes of scanners in HID POS mode, by the report on which their makers agree: id 2, length,
 * AIM identifier, up to 56 characters, and a flag for more to come. Access-IS ATR110 manual p. 33 and
 * LSR118 manual p. 68 print it byte by byte, with a code of 60 characters in two reports; the npm
 * package @point-of-sale/webhid-barcode-scanner 1.2.2 reads Honeywell, Zebra, Newland and Datalogic
 * the same way. The usages are those of the HID Point of Sale Usage Tables 1.02, page 8C.
 */
const reportId = 0x02
const bytes = 64
const offsets = { length: 1, aim: 2, data: 5, more: 63 } as const
const maxData = 56
/** What every AIM identifier begins with: `]`. */
const aimFlag = 0x5d

/** Characters of the longest code that is put together; no badge has more. */
export const posLimit = 256
/** The parts of one code follow each other at once, ms. */
const partMs = 500

export interface PosState {
  /** The code so far; null: none has begun. */
  readonly parts: { readonly aim: string; readonly text: string; readonly at: number } | null
  /** What comes up to the last part of a code belongs to a broken one. */
  readonly broken: boolean
}

export const noPos: PosState = { parts: null, broken: false }

/** The code that has begun is dropped, to its end: its rest alone would be another code. */
export const breakPos = (state: PosState): PosState =>
  state.parts === null ? state : { parts: null, broken: true }

/**
 * One report further. Null: nothing to tell, as more is to come or the report is not about codes.
 * Reports without their id are read from devices that have only one.
 */
export function readPos(
  state: PosState,
  report: Uint8Array,
  at: number,
): { readonly state: PosState; readonly reading: Reading | null } {
  const numbered = numberedReport(report)
  if (!numbered) return { state, reading: null }
  const part = parsePart(numbered)
  if (!part) {
    const begun = state.broken || state.parts !== null || numbered[offsets.more] !== 0
    return { state: { parts: null, broken: begun }, reading: malformed }
  }
  // The end of a broken code is a new beginning.
  if (state.broken) return { state: { parts: null, broken: part.more }, reading: malformed }
  const { parts } = state
  if (parts && (parts.aim !== part.aim || at - parts.at > partMs))
    return { state: { parts: null, broken: part.more }, reading: malformed }
  const text = (parts?.text ?? '') + part.text
  if (text.length > posLimit)
    return { state: { parts: null, broken: part.more }, reading: malformed }
  if (part.more)
    return { state: { parts: { aim: part.aim, text, at }, broken: false }, reading: null }
  return { state: noPos, reading: readingOf(text) }
}

const endings = '\r\n\u001D'

const malformed: Reading = { type: 'malformed' }

/** The report with its id; null: it is another report. A shorter one has only its id missing. */
function numberedReport(report: Uint8Array): Uint8Array | null {
  if (report.length === bytes) return report[0] === reportId ? report : null
  if (report.length !== bytes - 1 || report[offsets.aim - 1] !== aimFlag) return null
  return Uint8Array.of(reportId, ...report)
}

function parsePart(report: Uint8Array) {
  const length = report[offsets.length] ?? 0
  const more = report[offsets.more] ?? 0
  if (length > maxData || more > 1 || report[offsets.aim] !== aimFlag) return null
  const text = (from: number, to: number) =>
    Buffer.from(report.subarray(from, to)).toString('latin1')
  return {
    aim: text(offsets.aim, offsets.data),
    text: text(offsets.data, offsets.data + length),
    more: more === 1,
  }
}

/** Scanners end a code as they would end a line; what stands behind it is not the code's. */
function readingOf(whole: string): Reading {
  let end = whole.length
  while (end > 0 && endings.includes(whole.charAt(end - 1))) end -= 1
  const text = whole.slice(0, end)
  return /^[\x20-\x7e]+$/.test(text)
    ? { type: 'card', data: { type: 'text', medium: 'BARCODE', text } }
    : malformed
}
