import type { Connection, Submittable } from 'pg'
import { expect, test } from 'vitest'
import { type Answer, type Asked, Statement, Wire } from './statement.ts'

/** `pg` as far as a statement sees it: keeps the queries, and what would go to the server. */
function client() {
  const queries: Submittable[] = []
  const written: Buffer[] = []
  const connection = {
    parsedStatements: {} as Record<string, string>,
    submittedNamedStatements: {} as Record<string, string>,
    stream: { writable: true, write: (data: Buffer) => written.push(data) },
  }
  const wire = new Wire({
    connection: connection as unknown as Connection,
    query: ((query: Submittable) => {
      queries.push(query)
      query.submit(connection as unknown as Connection)
    }) as never,
  })
  const ask = (asked: Asked, how: 'run' | 'runWithOthers') =>
    new Promise<Answer>((resolve, reject) => {
      const done = (error: Error | null, answer: Answer) =>
        error ? reject(error) : resolve(answer)
      wire[how](new Statement(wire, asked, done))
    })
  return { queries, connection, messages: () => written.map(codesOf), ask }
}

/** The code of each message to the server: Parse, Bind, Describe, Execute, Sync, Query. */
function codesOf(data: Buffer): string {
  let codes = ''
  for (let at = 0; at < data.length; at += 1 + data.readInt32BE(at + 1))
    codes += String.fromCharCode(data[at] ?? 0)
  return codes
}

const nextRound = () => new Promise((resolve) => setImmediate(resolve))
const insert = (name: string): Asked => ({ text: `insert ${name}`, name, values: [name] })

/** Calls what `pg` calls when the server says so. */
const say = (query: Submittable | undefined, what: string, message: unknown, more?: unknown) =>
  (query as unknown as Record<string, (...said: unknown[]) => void>)[what]?.(message, more)

test('the statements of a transaction in one round end with one Sync, others with one each', async () => {
  const { ask, messages } = client()
  void ask({ text: 'begin' }, 'run')
  void ask(insert('a'), 'runWithOthers')
  void ask(insert('b'), 'runWithOthers')
  void ask({ text: 'commit' }, 'run')
  void ask(insert('c'), 'run')
  void ask(insert('d'), 'run')
  await nextRound()
  expect(messages()).toEqual(['QPBDEPBDESQPBDESPBDES'])
})

test('each hears its own answer as soon as the server has said it', async () => {
  const { ask, queries } = client()
  const [first, second] = [
    ask(insert('a'), 'runWithOthers'),
    ask({ text: 'select', name: 'b', values: [1] }, 'runWithOthers'),
  ]
  await nextRound()
  const [batch] = queries
  say(batch, 'handleCommandComplete', { text: 'INSERT 0 1' })
  expect(await first).toEqual({ rows: [], tag: 'INSERT 0 1' })
  say(batch, 'handleRowDescription', { fields: [{ name: 'x', dataTypeID: 25 }] })
  say(batch, 'handleDataRow', { fields: ['y'] })
  say(batch, 'handleCommandComplete', { text: 'SELECT 1' })
  say(batch, 'handleReadyForQuery', undefined)
  expect(await second).toEqual({ rows: [{ x: 'y' }], tag: 'SELECT 1' })
})

test('none after one that fails is taken for prepared, and none of them waits for ever', async () => {
  const { ask, queries, connection } = client()
  const answers = ['a', 'b', 'c'].map((name) => ask(insert(name), 'runWithOthers'))
  const settled = Promise.allSettled(answers)
  await nextRound()
  const [batch] = queries
  connection.parsedStatements['a'] = 'insert a'
  say(batch, 'handleCommandComplete', { text: 'INSERT 0 1' })
  say(batch, 'handleError', new Error('broken line'), connection)
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  // The one that failed is for `pg` to forget.
  expect(Object.keys(connection.submittedNamedStatements)).toEqual(['a', 'b'])
})

test.each([
  ['done', (batch: Submittable | undefined) => say(batch, 'handleReadyForQuery', undefined), null],
  [
    'broken',
    (batch: Submittable | undefined, connection: unknown) =>
      say(batch, 'handleError', new Error('broken line'), connection),
    new Error('broken line'),
  ],
])('`pg`, which has a timer for each query, hears of a batch that is %s', async (_, end, told) => {
  const { ask, queries, connection } = client()
  void Promise.allSettled([ask(insert('a'), 'runWithOthers')])
  await nextRound()
  const [batch] = queries
  const heard: unknown[] = []
  Object.assign(batch ?? {}, { callback: (error: unknown) => heard.push(error) })
  end(batch, connection)
  expect(heard).toEqual([told])
})

test('a value that cannot be sent fails its own statement alone', async () => {
  const { ask, queries, messages } = client()
  const bad = ask({ text: 'bad', name: 'x', values: [{}] }, 'runWithOthers')
  const good = ask(insert('a'), 'runWithOthers')
  await expect(bad).rejects.toThrow(TypeError)
  expect(messages()).toEqual(['PBDES'])
  say(queries[0], 'handleCommandComplete', { text: 'INSERT 0 1' })
  expect((await good).tag).toBe('INSERT 0 1')
})

test('a server that ends a batch without a word of one of it leaves nobody waiting', async () => {
  const { ask, queries } = client()
  const answer = ask(insert('a'), 'runWithOthers')
  await nextRound()
  say(queries[0], 'handleReadyForQuery', undefined)
  await expect(answer).rejects.toThrow('did not say')
})
