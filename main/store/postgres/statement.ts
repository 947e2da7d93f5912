import { type Connection, type FieldDef, Query, type Submittable } from 'pg'
import { serialize } from 'pg-protocol'
import { valueTypes } from './value-types.ts'

export type Row = Record<string, unknown>

export interface Answer {
  readonly rows: readonly Row[]
  /** What the server says it did, e.g. `INSERT 0 1`; of several commands the last one. */
  readonly tag: string
}

/** The parts of `pg`'s connection that its own queries use. */
interface Wired extends Connection {
  readonly parsedStatements: Readonly<Record<string, string>>
  readonly submittedNamedStatements: Record<string, string>
}

/** Makes a row of the values that the server sent. */
type RowOf = (values: readonly (string | null)[]) => Row

interface Column {
  readonly name: string
  readonly at: number
  readonly read: (text: string) => unknown
}

const columnsOf = (fields: readonly FieldDef[]): readonly Column[] =>
  fields.map(({ name, dataTypeID }, at) => ({
    name,
    at,
    read: valueTypes.getTypeParser(dataTypeID, 'text'),
  }))

const rowOf =
  (columns: readonly Column[]): RowOf =>
  (values) => {
    const row: Row = {}
    for (const { name, at, read } of columns) {
      const value = values[at]
      row[name] = value == null ? null : read(value)
    }
    return row
  }

/** Each `#` begins a part, and is null when the part has no row: a row or null for each, by number. */
function partsOf(columns: readonly Column[]): RowOf {
  const starts = columns.flatMap(({ name }, at) => (name === '#' ? at : []))
  const parts = starts.map((start, part) => ({
    start,
    rowOf: rowOf(columns.slice(start + 1, starts[part + 1])),
  }))
  return (values) =>
    parts.map((part) => (values[part.start] === null ? null : part.rowOf(values))) as unknown as Row
}

const describe = serialize.describe({ type: 'P' })
const executeAndSync = Buffer.concat([serialize.execute(), serialize.sync()])

/**
 * What a connection knows: how the rows of its statements look, and what waits to be sent. What is
 * asked in the same round of the event loop goes to the server in one piece: a system call for each
 * query, and a server that wakes up for each, cost more than the queries.
 */
export class Wire {
  readonly rowsOf = new Map<string, RowOf>()
  /** Answers that the server owes, and how often it was looked since the last one came. */
  owed = 0
  looks = 0
  #waiting: Buffer[] = []

  send(connection: Connection, ...parts: readonly Buffer[]): void {
    // What came in over other sockets meanwhile goes with it.
    if (this.#waiting.length === 0) setImmediate(() => this.#flush(connection))
    this.#waiting.push(...parts)
  }

  #flush({ stream }: Connection): void {
    const all = this.#waiting
    this.#waiting = []
    if (stream.writable) stream.write(Buffer.concat(all))
  }
}

export interface Asked {
  readonly text: string
  /** Under which the server keeps the statement. */
  readonly name?: string
  /** Without them it may be several commands. */
  readonly values?: readonly unknown[]
  /** The columns of each part follow a column `#`; see `Together`. */
  readonly inParts?: boolean
}

type Done = (error: Error | null, answer: Answer) => void

/**
 * A query as `pg` runs it, but that the server describes the rows of a prepared statement only the
 * first time on each connection: to hear and read it each time costs as much as the rows. (When the
 * table of a prepared statement changes, the server refuses the statement; see `isStalePlan`.)
 */
export class Statement implements Submittable {
  readonly text: string
  /** Empty: it is not kept. */
  readonly name: string
  callback: Done
  readonly #wire: Wire
  readonly #values: readonly unknown[] | undefined
  readonly #inParts: boolean
  #rowOf: RowOf | null = null
  #rows: Row[] = []
  #tag = ''
  #failure: Error | null = null

  constructor(wire: Wire, { text, name = '', values, inParts = false }: Asked, done: Done) {
    this.#wire = wire
    this.text = text
    this.name = name
    this.#values = values
    this.#inParts = inParts
    this.callback = done
  }

  /** What it returns is reported to `handleError`. */
  submit(connection: Connection): Error | null {
    const { text, name } = this
    const wire = this.#wire
    if (!this.#values) {
      wire.send(connection, serialize.query(text))
      return null
    }
    let bound: Buffer
    try {
      bound = serialize.bind({ statement: name, values: this.#values.map(encoded) })
    } catch (error) {
      return error as Error
    }
    const { parsedStatements, submittedNamedStatements: submitted } = connection as Wired
    if (name === '' || (parsedStatements[name] === undefined && submitted[name] === undefined)) {
      wire.send(connection, serialize.parse({ text, name }))
      wire.rowsOf.delete(name)
      if (name !== '') submitted[name] = text
    }
    this.#rowOf = wire.rowsOf.get(name) ?? null
    if (this.#rowOf) wire.send(connection, bound, executeAndSync)
    else wire.send(connection, bound, describe, executeAndSync)
    return null
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    const columns = columnsOf(fields)
    this.#rowOf = this.#inParts ? partsOf(columns) : rowOf(columns)
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (!this.#rowOf || this.#failure) return
    try {
      this.#rows.push(this.#rowOf(fields))
    } catch (error) {
      this.#failure = error as Error
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text
    if (this.name === '') return
    const { rowsOf } = this.#wire
    // None was described: it returns none.
    if (!rowsOf.has(this.name)) rowsOf.set(this.name, this.#rowOf ?? rowOf([]))
  }

  handleEmptyQuery(): void {}

  handleError(error: Error): void {
    this.callback(error, { rows: [], tag: '' })
  }

  handleReadyForQuery(): void {
    this.callback(this.#failure, { rows: this.#rows, tag: this.#tag })
  }
}

// The pipeline takes nothing but what passes for a query of its own.
Object.setPrototypeOf(Statement.prototype, Query.prototype)

/** Text but for bytes: the server knows which type it wants. */
function encoded(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value instanceof Uint8Array)
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      throw new TypeError('A value of a query is neither text nor a number nor bytes.')
  }
}
