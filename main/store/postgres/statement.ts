import {
  type Client,
  type Connection,
  DatabaseError,
  type FieldDef,
  Query,
  type Submittable,
} from 'pg'
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
const execute = serialize.execute()
const sync = serialize.sync()

/** A client of `pg`, which takes its queries in order. */
export type Queue = Pick<Client, 'query'> & { readonly connection: Connection }

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
  readonly #client: Queue
  #waiting: Buffer[] = []
  #batch: Batch | null = null
  #willFlush = false

  constructor(client: Queue) {
    this.#client = client
  }

  /** Runs a statement after those that were asked before it. */
  run(statement: Statement): void {
    this.#submitBatch()
    this.#client.query(statement)
  }

  /** As `run`, for one of a transaction; see `Batch`. */
  runWithOthers(statement: Statement): void {
    this.#batch ??= new Batch(this)
    this.#batch.add(statement)
    this.#flushSoon()
  }

  send(...parts: readonly Buffer[]): void {
    this.#waiting.push(...parts)
    this.#flushSoon()
  }

  #submitBatch(): void {
    const batch = this.#batch
    this.#batch = null
    if (batch) this.#client.query(batch)
  }

  #flushSoon(): void {
    if (this.#willFlush) return
    this.#willFlush = true
    // What came in over other sockets meanwhile goes with it.
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#submitBatch()
    this.#willFlush = false
    const all = this.#waiting
    this.#waiting = []
    const { stream } = this.#client.connection
    if (all.length > 0 && stream.writable) stream.write(Buffer.concat(all))
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
    const wire = this.#wire
    if (!this.#values) {
      wire.send(serialize.query(this.text))
      return null
    }
    const failure = this.send(connection)
    if (!failure) wire.send(sync)
    return failure
  }

  /** Without its end; only with values. */
  send(connection: Connection): Error | null {
    const { text, name } = this
    const wire = this.#wire
    let bound: Buffer
    try {
      bound = serialize.bind({ statement: name, values: (this.#values ?? []).map(encoded) })
    } catch (error) {
      return error as Error
    }
    const { parsedStatements, submittedNamedStatements: submitted } = connection as Wired
    if (name === '' || (parsedStatements[name] === undefined && submitted[name] === undefined)) {
      wire.send(serialize.parse({ text, name }))
      wire.rowsOf.delete(name)
      if (name !== '') submitted[name] = text
    }
    this.#rowOf = wire.rowsOf.get(name) ?? null
    if (this.#rowOf) wire.send(bound, execute)
    else wire.send(bound, describe, execute)
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

/**
 * The statements of one transaction that are asked in one round of the event loop: the server sends
 * what it has to say of them in one piece, instead of a packet for each. When one fails, it carries
 * out none of those after it; in a transaction it would not have done so either.
 */
class Batch implements Submittable {
  /** `pg` puts its own in the place of this one, to hear that a batch is over: its timer ends then. */
  callback: (error: Error | null) => void = () => {}
  readonly #wire: Wire
  #left: Statement[] = []

  constructor(wire: Wire) {
    this.#wire = wire
  }

  add(statement: Statement): void {
    this.#left.push(statement)
  }

  /** Of the statement that the server is at, which `pg` wants to know. */
  get name(): string {
    return this.#left[0]?.name ?? ''
  }
  get text(): string {
    return this.#left[0]?.text ?? ''
  }

  submit(connection: Connection): null {
    this.#left = this.#left.filter((statement) => {
      const failure = statement.send(connection)
      if (failure) process.nextTick(() => statement.handleError(failure))
      return !failure
    })
    this.#wire.send(sync)
    return null
  }

  handleRowDescription(message: { readonly fields: readonly FieldDef[] }): void {
    this.#left[0]?.handleRowDescription(message)
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.#left[0]?.handleDataRow(message)
  }

  handleCommandComplete(message: { readonly text: string }): void {
    const done = this.#left.shift()
    done?.handleCommandComplete(message)
    done?.handleReadyForQuery()
  }

  handleEmptyQuery(): void {
    this.#left.shift()?.handleReadyForQuery()
  }

  handleError(error: Error, connection: Connection): void {
    const [failed, ...after] = this.#left
    this.#left = []
    failed?.handleError(error)
    const isOver = !(error instanceof DatabaseError) || error.severity !== 'ERROR'
    const rest = isOver ? error : new Error('A statement before it in its transaction failed.')
    const { parsedStatements, submittedNamedStatements: submitted } = connection as Wired
    for (const statement of after) {
      // The server has not even read it.
      if (parsedStatements[statement.name] === undefined) delete submitted[statement.name]
      statement.handleError(rest)
    }
    this.callback(error)
  }

  handleReadyForQuery(): void {
    for (const statement of this.#left.splice(0))
      statement.handleError(new Error('PostgreSQL did not say what became of a statement.'))
    this.callback(null)
  }
}

// The pipeline takes nothing but what passes for a query of its own.
Object.setPrototypeOf(Statement.prototype, Query.prototype)
Object.setPrototypeOf(Batch.prototype, Query.prototype)

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
