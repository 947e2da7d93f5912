import { expect, test } from 'vitest'
import { combine, Together } from './together.ts'
import type { Row } from './statement.ts'

/** Keeps what would be sent, and answers with a row of parts. */
function asked(row: readonly (Row | null)[] = []) {
  const sent: { readonly sql: string; readonly parameters: readonly unknown[] }[] = []
  const together = new Together(async (sql, parameters) => {
    sent.push({ sql, parameters })
    return { rows: [row as unknown as Row], tag: 'SELECT 1' }
  })
  return { sent, together }
}

test('one that is asked alone stays as it is', async () => {
  const { sent, together } = asked()
  await together.ask({ sql: 'select $1', parameters: [1], rows: 'one' })
  expect(sent).toEqual([{ sql: 'select $1', parameters: [1] }])
})

test('those of one turn become one, each with its own values and row', async () => {
  const { sent, together } = asked([{ a: 1 }, null])
  const answers = await Promise.all([
    together.ask({ sql: 'select $1, $2', parameters: [1, 2], rows: 'one' }),
    together.ask({ sql: 'insert $1', parameters: [3], rows: 'none' }),
    together.ask({ sql: 'update $2 $1 returning', parameters: [4, 5], rows: 'one' }),
  ])
  expect(answers).toEqual([[{ a: 1 }], [], []])
  expect(sent).toEqual([
    {
      sql:
        'with "q1" as (insert $3), "q2" as (update $5 $4 returning) ' +
        'select "r0".*, "r2".* from (select) as "one" ' +
        'left join (select true as "#", "x".* from (select $1, $2) as "x") as "r0" on true ' +
        'left join (select true as "#", "x".* from "q2" as "x") as "r2" on true',
      parameters: [1, 2, 3, 4, 5],
    },
  ])
})

test('those of the next turn go on their own, and a flush ends a turn', async () => {
  const { sent, together } = asked([null, null])
  const part = { sql: 'insert $1', parameters: [1], rows: 'none' } as const
  const first = together.ask(part)
  together.flush()
  await Promise.all([first, together.ask(part)])
  await together.ask(part)
  expect(sent.map(({ sql }) => sql)).toEqual(['insert $1', 'insert $1', 'insert $1'])
})

test('what is asked twice is asked in order', async () => {
  const { sent, together } = asked([null, null])
  const parts = ['insert $1', 'update $1', 'insert $1', 'update $1'].map(
    (sql, at) => ({ sql, parameters: [at], rows: 'none' }) as const,
  )
  await Promise.all(parts.map((part) => together.ask(part)))
  expect(sent.map(({ parameters }) => parameters)).toEqual([
    [0, 1],
    [2, 3],
  ])
})

test('only changes are a statement, too', () => {
  const part = { sql: 'insert $1', parameters: [1], rows: 'none' } as const
  expect(combine([part, part])).toBe(
    'with "q0" as (insert $1), "q1" as (insert $2) select  from (select) as "one"',
  )
})
