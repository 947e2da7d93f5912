import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { quickDatabase } from '../../test/support/quick-database.ts'
import { StoreError } from '../store/port.ts'
import { inLots, type LotOptions, padded } from './in-lots.ts'
import { keepDeadlines, withDeadline } from './server/deadline.ts'

/** All that can happen without anybody's doing has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Stands for a database: each lot that it is asked stays with it until it is answered. */
function database(options?: LotOptions<string>) {
  const lots: (readonly string[])[] = []
  const underWay: PromiseWithResolvers<readonly string[]>[] = []
  const ask = inLots<string, string>((lot) => {
    lots.push(lot)
    const answers = Promise.withResolvers<readonly string[]>()
    underWay.push(answers)
    return answers.promise
  }, options)
  return {
    ask,
    lots,
    answer: async () => {
      underWay.shift()?.resolve(lots.at(-1)?.map((question) => `to ${question}`) ?? [])
      await settled()
    },
    refuse: async (error: Error) => {
      underWay.shift()?.reject(error)
      await settled()
    },
    underWay: () => underWay.length,
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `q${n}`)

test('who comes alone is asked at once and alone', async () => {
  const { ask, lots, answer } = database()
  for (const question of ['first', 'second']) {
    const said = ask(question)
    await settled()
    expect(lots.at(-1)).toEqual([question])
    await answer()
    expect(await said).toBe(`to ${question}`)
  }
  expect(lots).toHaveLength(2)
})

test('those that come in the same moment are asked together', async () => {
  const { ask, lots, answer } = database()
  const said = Promise.all(['a', 'b'].map(ask))
  await settled()
  expect(lots).toEqual([['a', 'b']])
  await answer()
  expect(await said).toEqual(['to a', 'to b'])
})

test('those that come while a lot is with the database make the next, each with its own answer', async () => {
  const { ask, lots, answer, underWay } = database()
  const first = ask('first')
  await settled()
  const others: Promise<string>[] = []
  for (const question of ['a', 'b', 'c']) {
    others.push(ask(question))
    await settled()
  }
  expect([lots.length, underWay()]).toEqual([1, 1])
  await answer()
  expect(await first).toBe('to first')
  expect(lots).toEqual([['first'], ['a', 'b', 'c']])
  await answer()
  expect(await Promise.all(others)).toEqual(['to a', 'to b', 'to c'])
})

test('at most 32 are asked at once, and one lot at a time; the rest follow in their order', async () => {
  const { ask, lots, answer, underWay } = database()
  const questions = numbered(70)
  const said = Promise.all(questions.map(ask))
  await settled()
  for (const length of [32, 32, 6]) {
    expect(lots.at(-1)).toHaveLength(length)
    expect(underWay()).toBe(1)
    await answer()
  }
  expect(lots.flat()).toEqual(questions)
  expect(await said).toEqual(questions.map((question) => `to ${question}`))
})

test('a database that is away tells all of a lot and nobody else, and the next goes', async () => {
  const { ask, lots, answer, refuse } = database()
  const failed = Promise.allSettled(['a', 'b'].map(ask))
  await settled()
  const next = ask('c')
  const reason = new StoreError('busy', 'no', 'none')
  await refuse(reason)
  expect(await failed).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
  ])
  expect(lots.at(-1)).toEqual(['c'])
  await answer()
  expect(await next).toBe('to c')
  const later = ask('d')
  await settled()
  await answer()
  expect(await later).toBe('to d')
})

test('of a lot that the database took offence at only the offender fails', async () => {
  const lots: (readonly string[])[] = []
  const ask = inLots(async (lot: readonly string[]) => {
    lots.push(lot)
    await settled()
    if (lot.includes('bad')) throw new Error('22021')
    return lot.map((question) => `to ${question}`)
  })
  const answers = await Promise.allSettled(['a', 'bad', 'b'].map(ask))
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : one.status))).toEqual([
    'to a',
    'rejected',
    'to b',
  ])
  expect(lots).toEqual([['a', 'bad', 'b'], ['a'], ['bad'], ['b']])
})

const nameOf = (question: string) => question.charAt(0)

test('of one name there is one in a lot, and others do not wait for the next of it', async () => {
  const { ask, lots, answer } = database({ nameOf })
  const said = Promise.all(['a1', 'a2', 'b1', 'a3', 'b2'].map(ask))
  await settled()
  for (let lot = 0; lot < 3; lot += 1) await answer()
  expect(lots).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']])
  expect(await said).toEqual(['to a1', 'to a2', 'to b1', 'to a3', 'to b2'])
})

test('whatever comes when, all are answered, those of one name one after the other in their order', async () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 })
  // Before each lot is answered some more come.
  await fc.assert(
    fc.asyncProperty(fc.array(names, { maxLength: 4 }), async (arrivals) => {
      const { ask, lots, answer, underWay } = database({ nameOf })
      let come = 0
      const said: Promise<string>[] = []
      const asked: string[] = []
      for (const some of arrivals) {
        for (const name of some) {
          const question = `${name}${come++}`
          asked.push(question)
          said.push(ask(question))
        }
        await settled()
        await answer()
      }
      while (underWay() > 0) await answer()
      expect(await Promise.all(said)).toEqual(asked.map((question) => `to ${question}`))
      for (const lot of lots) expect(new Set(lot.map(nameOf)).size).toBe(lot.length)
      for (const name of ['a', 'b', 'c']) {
        const ofName = (question: string) => nameOf(question) === name
        expect(lots.flat().filter(ofName)).toEqual(asked.filter(ofName))
      }
    }),
  )
})

test('a caller that is given up, the first of a lot or a later one, takes nobody else with it', async () => {
  const db = await quickDatabase()
  onTestFinished(() => db.close())
  const kept = keepDeadlines(db)
  const write = inLots<string, null>((hashes) =>
    kept.write(async (tx) => {
      const rows = hashes.map((proof_hash) => ({ proof_hash, expires_at: 1 }))
      await tx.insertInto('used_proofs').values(rows).execute()
      return hashes.map(() => null)
    }),
  )
  const givenUp = () => ({ passed: true, committed: false })
  const early = givenUp()
  const all = [
    withDeadline(early, () => write('a')),
    write('b'),
    withDeadline(givenUp(), () => write('c')),
  ]
  expect(await Promise.all(all)).toEqual([null, null, null])
  const rows = await db.read.selectFrom('used_proofs').select('proof_hash').execute()
  expect(rows.map(({ proof_hash }) => proof_hash).toSorted()).toEqual(['a', 'b', 'c'])
  // What the lot wrote is not said to be what that caller wrote.
  expect(early.committed).toBe(false)
})

test('a list of parameters is padded to one of few lengths with its last, and stays as it is before', () => {
  expect(padded([])).toEqual([])
  expect(padded(['a', 'b', 'c'])).toEqual(['a', 'b', 'c', 'c', 'c', 'c', 'c', 'c'])
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 256 }), (values) => {
      const all = padded(values)
      expect(all.slice(0, values.length)).toEqual(values)
      expect(new Set(all.slice(values.length - 1))).toEqual(new Set([values.at(-1)]))
      expect([1, 8, 32, 256]).toContain(all.length)
    }),
  )
})
