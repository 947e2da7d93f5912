import { expect, test } from 'vitest'
import { UnderWay } from './under-way.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve))

test('the end waits for all that began before, and for nothing that began later', async () => {
  const calls = new UnderWay()
  const [first, second] = [calls.enter(), calls.enter()]
  let ended = false
  const end = calls.ended().then(() => (ended = true))
  const later = calls.enter()
  first()
  await turn()
  expect(ended).toBe(false)
  second()
  await end
  later()
  await calls.ended()
})

test('a second end waits for what the first one waits for', async () => {
  const calls = new UnderWay()
  const leave = calls.enter()
  const order: string[] = []
  const ends = [
    calls.ended().then(() => order.push('first')),
    calls.ended().then(() => order.push('second')),
  ]
  await turn()
  expect(order).toEqual([])
  leave()
  await Promise.all(ends)
  expect(order.toSorted()).toEqual(['first', 'second'])
})

test('what fails is over, too', async () => {
  const calls = new UnderWay()
  await expect(calls.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await calls.run(async () => 1)).toBe(1)
  await calls.ended()
})
