/**
 * Verifies an exported audit log. This file needs nothing but Node's crypto: copy it, read it, run
 * it where the log's owner has no say. It shares no code with the program that wrote the log.
 *
 * An export is UTF-8 text; every line is canonical JSON (RFC 8785) and ends with one newline, the
 * last one too. Line 1 is the header `{format, key, size}`; then `size` records
 * `{..., hash, salt, seq, time}` with `seq` from 0; behind record n-1 may stand a checkpoint
 * `{checkpoint, previous}`: a C2SP signed note over the RFC 6962 root of the first n records, and
 * the size of the checkpoint before it. The last line is the checkpoint of all.
 */
import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto'

export interface VerifyOptions {
  /** The log's key as it was noted when the log began; without it the header's is believed. */
  readonly key?: string
  /** A checkpoint kept from earlier (its note): the log must still begin with what it covers. */
  readonly since?: string
}

export type Verification =
  | {
      readonly ok: true
      readonly records: number
      /** Root of the tree, base64 as in checkpoints. */
      readonly root: string
      readonly key: string
      /** Whether the key was given and not just taken from the export. */
      readonly pinned: boolean
    }
  | {
      readonly ok: false
      /** First record that is bad or cannot be proven; null when none can be named. */
      readonly record: number | null
      /** Line of the export, from 1; 0 when no line is at fault. */
      readonly line: number
      readonly reason: string
    }

interface Line {
  readonly text: string
  /** Whether a newline follows. */
  readonly ended: boolean
  /** Whether it was UTF-8; otherwise `text` is what could be made of it. */
  readonly utf8: boolean
}

type Json = Record<string, unknown>

const format = 'lanyard-audit-1'
/** How far the clock may step back without a `clock.jumped`, in ms. */
const clockTolerance = 5000
const longestLine = 1024 * 1024
const recordKeys =
  'actor,assurance,detail,event,hash,outcome,patient,purposeOfUse,salt,seq,session,time,workstation'

/** Verifies lines without their newlines; the first problem ends it. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions = {},
): Promise<Verification> {
  return verifyLines(ended(lines), options)
}

/** Verifies the bytes of a file, newlines and encoding included. */
export async function verifyBytes(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: VerifyOptions = {},
): Promise<Verification> {
  return verifyLines(split(chunks), options)
}

/** Thrown inside, returned outside. */
class Bad extends Error {
  readonly record: number | null
  constructor(record: number | null, reason: string) {
    super(reason)
    this.record = record
  }
}

async function verifyLines(
  lines: AsyncIterable<Line>,
  { key, since }: VerifyOptions,
): Promise<Verification> {
  let at = 0
  let log: Log | null = null
  try {
    for await (const line of lines) {
      at++
      if (log) log.take(line)
      else log = new Log(line, key, since)
    }
    if (!log) throw new Bad(null, 'The file is empty: it has no header.')
    at++
    const { count, root } = log.end()
    return { ok: true, records: count, root, key: log.key.text, pinned: key !== undefined }
  } catch (error) {
    if (!(error instanceof Bad)) throw error
    return { ok: false, record: error.record, line: at, reason: error.message }
  }
}

class Log {
  readonly key: Key
  readonly #size: number
  readonly #since: Checkpoint | null
  readonly #tree = new Tree()
  #previous = 0
  #time = 0

  constructor(line: Line, pinned: string | undefined, since: string | undefined) {
    const header = parseLine(line, null)
    if (keysOf(header) !== 'format,key,size' || header['format'] !== format)
      throw new Bad(null, `The header is not that of a ${format} export.`)
    if (!isCount(header['size']) || header['size'] === 0)
      throw new Bad(null, 'The header says no number of records.')
    const { key } = header
    if (pinned !== undefined && key !== pinned)
      throw new Bad(null, `The log says its key is ${String(key)}, but ${pinned} is expected.`)
    this.key = parseKey(key)
    this.#size = header['size']
    this.#since = since === undefined ? null : parseNote(since, this.key, null)
    if (this.#since && this.#since.size > this.#size)
      throw new Bad(
        this.#size,
        `The log was cut back: it had ${this.#since.size} records, now ${this.#size}.`,
      )
  }

  take(line: Line): void {
    const { count } = this.#tree
    if (this.#previous === this.#size && count === this.#size)
      throw new Bad(null, `A line follows the last checkpoint, after ${count} records.`)
    const suspect = this.suspect(line.text)
    const json = parseLine(line, suspect)
    if (keysOf(json) === 'checkpoint,previous') this.#checkpoint(json)
    else if (keysOf(json) === recordKeys) this.#record(json)
    else throw new Bad(suspect, 'The line is neither a record nor a checkpoint.')
  }

  end(): { readonly count: number; readonly root: string } {
    const { count } = this.#tree
    if (count < this.#size)
      throw new Bad(count, `The log ends after ${count} of ${this.#size} records.`)
    if (this.#previous !== count)
      throw new Bad(this.#previous, 'The log is cut off: its last checkpoint is missing.')
    return { count, root: this.#tree.root().toString('base64') }
  }

  /** The record to name for a line that cannot be read: itself, or the first it should prove. */
  suspect(text: string): number | null {
    const { count } = this.#tree
    // Quotes inside a string are escaped, so these stand for members; one change spares the other.
    const isRecord = text.includes('"salt":"') || text.includes('{"actor":')
    const isCheckpoint = text.includes('"checkpoint":"') || text.includes('\\n\u2014 ')
    const unread = count < this.#size ? count : null
    if (unread !== null && (isRecord || !isCheckpoint)) return unread
    return this.#previous < count ? this.#previous : unread
  }

  #record(json: Json): void {
    const { count } = this.#tree
    const { seq, time, salt, hash: claimed, ...rest } = json
    if (!isHex(salt, 16) || !isHex(claimed, 32) || !isCount(seq) || !isCount(time))
      throw new Bad(count, 'The record has a malformed member.')
    const leaf = sha256(Buffer.of(0), Buffer.from(canonical({ ...rest, seq, time, salt })))
    if (leaf.toString('hex') !== claimed)
      throw new Bad(count, 'The record was changed: its hash is another.')
    if (seq < count) throw new Bad(seq, `Record ${seq} stands there twice.`)
    if (count === this.#size)
      throw new Bad(count, `Record ${count} is more than the header's ${this.#size}.`)
    if (seq !== count) throw new Bad(count, `Record ${count} expected, got ${seq}.`)
    if (time < this.#time - clockTolerance && json['event'] !== 'clock.jumped')
      throw new Bad(count, `The record is ${this.#time - time} ms older than the one before it.`)
    this.#time = time
    this.#tree.append(leaf)
    this.#compareSince()
  }

  #checkpoint({ checkpoint, previous }: Json): void {
    const { count } = this.#tree
    const first = this.#previous < count ? this.#previous : null
    if (previous !== this.#previous)
      throw new Bad(
        first,
        `The checkpoint follows one of ${String(previous)} records, not of ${this.#previous}.`,
      )
    const { size, root } = parseNote(checkpoint, this.key, first)
    if (size !== count)
      throw new Bad(
        size > count ? count : first,
        `A checkpoint of ${size} records stands after ${count}.`,
      )
    if (size === this.#previous) throw new Bad(first, 'The checkpoint stands there twice.')
    if (!root.equals(this.#tree.root()))
      throw new Bad(
        first,
        `Records ${this.#previous} to ${count - 1} are not the ones that were signed.`,
      )
    this.#previous = size
  }

  #compareSince(): void {
    if (this.#since?.size !== this.#tree.count) return
    if (!this.#since.root.equals(this.#tree.root()))
      throw new Bad(0, `The first ${this.#since.size} records differ from the checkpoint kept.`)
  }
}

/** The root of RFC 6962 2.1, kept as the roots of complete subtrees. */
class Tree {
  count = 0
  readonly #roots: Buffer[] = []

  append(leaf: Buffer): void {
    let node = leaf
    for (let rest = this.count; rest % 2 === 1; rest = (rest - 1) / 2)
      node = sha256(Buffer.of(1), this.#roots.pop() ?? Buffer.alloc(0), node)
    this.#roots.push(node)
    this.count++
  }

  root(): Buffer {
    const last = this.#roots.at(-1)
    if (!last) return sha256()
    return this.#roots
      .slice(0, -1)
      .reduceRight((right, left) => sha256(Buffer.of(1), left, right), last)
  }
}

interface Key {
  readonly text: string
  readonly name: string
  /** First four bytes of the hash of name and key. */
  readonly id: Buffer
  readonly public: KeyObject
}

/** C2SP signed-note: `name+hash+base64(type, key)`, type 1 being Ed25519. */
function parseKey(text: unknown): Key {
  const [, name, id, encoded] =
    /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(String(text)) ?? []
  const material = fromBase64(encoded, 33)
  if (!name || !material || material[0] !== 1)
    throw new Bad(null, 'The key in the header is no Ed25519 key of a signed note.')
  const wanted = sha256(Buffer.from(`${name}\n`), material).subarray(0, 4)
  if (wanted.toString('hex') !== id)
    throw new Bad(null, 'The key in the header does not match its own hash.')
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), material.subarray(1)])
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  return { text: String(text), name, id: wanted, public: key }
}

interface Checkpoint {
  readonly size: number
  readonly root: Buffer
}

/** C2SP tlog-checkpoint without extension lines, with exactly the log's own signature. */
function parseNote(note: unknown, key: Key, record: number | null): Checkpoint {
  const [, body, origin, size, root, signer, encoded] =
    /^(([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/=]+)\n)\n\u2014 (\S+) ([A-Za-z0-9+/=]+)\n$/u.exec(
      String(note),
    ) ?? []
  const rootBytes = fromBase64(root, 32)
  const signature = fromBase64(encoded, 68)
  if (!body || !rootBytes || !signature) throw new Bad(record, 'The checkpoint is malformed.')
  if (origin !== key.name || signer !== key.name || !signature.subarray(0, 4).equals(key.id))
    throw new Bad(record, "The checkpoint is not of this log's key.")
  if (!verify(null, Buffer.from(body), key.public, signature.subarray(4)))
    throw new Bad(record, "The checkpoint's signature is wrong.")
  return { size: Number(size), root: rootBytes }
}

/** A line must be, byte for byte, the one way to write what it says. */
function parseLine({ text, ended, utf8 }: Line, record: number | null): Json {
  if (!utf8) throw new Bad(record, 'The line is not UTF-8 text.')
  if (text.length > longestLine) throw new Bad(record, 'The line is longer than any of a log.')
  if (!ended) throw new Bad(record, 'The log is cut off: its last line has no end.')
  if (text.endsWith('\r'))
    throw new Bad(record, 'The line ends with a carriage return: the file was converted.')
  const json = parseJson(text, record)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Bad(record, 'The line is no JSON object.')
  if (!isCanonical(json, text)) throw new Bad(record, 'The line is not in canonical form.')
  return json as Json
}

function parseJson(text: string, record: number | null): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Bad(record, 'The line is not JSON.')
  }
}

function isCanonical(json: unknown, text: string): boolean {
  try {
    return canonical(json) === text
  } catch {
    // Nested deeper than the stack; no record is.
    return false
  }
}

/** RFC 8785: JSON with sorted keys; numbers and strings are written as ECMAScript does. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const json = value as Json
  return `{${sortedKeys(json)
    .map((key) => `${JSON.stringify(key)}:${canonical(json[key])}`)
    .join(',')}}`
}

/** By UTF-16 code units, as RFC 8785 3.2.3 wants and `sort` does. */
const sortedKeys = (json: Json) => Object.keys(json).toSorted()
const keysOf = (json: Json) => sortedKeys(json).join(',')

const sha256 = (...parts: readonly Buffer[]) => hash('sha256', Buffer.concat(parts), 'buffer')
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0
const isHex = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]+$/.test(value)

/** Base64 of exactly `length` bytes, in its one canonical spelling. */
function fromBase64(text: string | undefined, length: number): Buffer | null {
  if (text === undefined) return null
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null
}

async function* ended(lines: AsyncIterable<string> | Iterable<string>): AsyncIterable<Line> {
  for await (const text of lines) yield { text, ended: true, utf8: true }
}

async function* split(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterable<Line> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    let from = 0
    for (let to = rest.indexOf(10); to >= 0; to = rest.indexOf(10, from)) {
      yield { ...decode(rest.subarray(from, to)), ended: true }
      from = to + 1
    }
    rest = rest.subarray(from)
    if (rest.length > longestLine * 4) break
  }
  if (rest.length > 0) yield { ...decode(rest), ended: false }
}

function decode(bytes: Uint8Array): Omit<Line, 'ended'> {
  // A byte order mark is a change like any other.
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, utf8: true }
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), utf8: false }
  }
}
