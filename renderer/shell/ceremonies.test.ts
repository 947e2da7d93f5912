import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Ceremony } from '../../preload/shown/proof.ts'
import type { Credential } from './authenticator.ts'
import { createCeremonies } from './ceremonies.ts'

const credential: Credential = { id: 'a', rawId: 'a', type: 'public-key', response: {} }
const ceremony = (ceremonyId: string): Ceremony => ({
  ceremonyId,
  options: { challenge: 'abc' },
  expiresAt: 60_000,
  autoStart: true,
})

/** An authenticator whose answers the test gives; aborting rejects what is open, as browsers do. */
function bench() {
  const calls: (readonly [string, unknown])[] = []
  const open: PromiseWithResolvers<Credential>[] = []
  const ask = () => {
    const answer = Promise.withResolvers<Credential>()
    open.push(answer)
    return answer.promise
  }
  const ceremonies = createCeremonies({
    bridge: {
      async call(name, input) {
        calls.push([name, input])
        return { ok: true }
      },
    },
    authenticator: {
      get: ask,
      create: ask,
      abort: () => open.at(-1)?.reject(Object.assign(new Error('aborted'), { name: 'AbortError' })),
    },
    clock: () => Date.now(),
  })
  return { calls, open, ceremonies }
}

describe('ceremonies', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('an assertion goes to main once, and the ceremony counts as sent', async () => {
    const { calls, open, ceremonies } = bench()
    ceremonies.authenticate(ceremony('one'))
    expect(ceremonies.status('one')).toBe('running')
    open[0]?.resolve(credential)
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toEqual([['passkey.assert', { ceremonyId: 'one', response: credential }]])
    expect(ceremonies.status('one')).toBe('sent')
  })

  test('starting the same ceremony again asks the authenticator once', () => {
    const { open, ceremonies } = bench()
    ceremonies.authenticate(ceremony('one'))
    ceremonies.authenticate(ceremony('one'))
    expect(open).toHaveLength(1)
  })

  test('ends at its expiry and says so', async () => {
    const { calls, ceremonies } = bench()
    ceremonies.authenticate(ceremony('one'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls).toEqual([['passkey.fail', { ceremonyId: 'one', reason: 'timed-out' }]])
  })

  test('one that the snapshot left behind is aborted and reports nothing', async () => {
    const { calls, ceremonies } = bench()
    ceremonies.authenticate(ceremony('one'))
    ceremonies.keepOnly(null)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls).toEqual([])
    expect(ceremonies.status('one')).toBe('idle')
  })

  test('an answer that arrives after the next ceremony began is dropped', async () => {
    const { calls, open, ceremonies } = bench()
    ceremonies.authenticate(ceremony('one'))
    ceremonies.authenticate(ceremony('two'))
    open[0]?.resolve(credential)
    open[1]?.resolve(credential)
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toEqual([['passkey.assert', { ceremonyId: 'two', response: credential }]])
  })

  test('a snapshot that still shows the ceremony leaves it alone', () => {
    const { ceremonies } = bench()
    ceremonies.authenticate(ceremony('one'))
    ceremonies.keepOnly('one')
    expect(ceremonies.status('one')).toBe('running')
  })

  test('a new passkey is sent with the name that was given before', async () => {
    const { calls, open, ceremonies } = bench()
    ceremonies.register({ enrolmentId: 'e', options: {}, name: 'Blue key' })
    open[0]?.resolve(credential)
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toEqual([
      ['enrolment.finish', { enrolmentId: 'e', response: credential, name: 'Blue key' }],
    ])
  })

  test('a new passkey is given up after the time that its options allow', async () => {
    const { calls, ceremonies } = bench()
    ceremonies.register({ enrolmentId: 'e', options: { timeout: 5000 }, name: 'Blue key' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(calls).toEqual([['enrolment.fail', { enrolmentId: 'e', reason: 'timed-out' }]])
  })

  test('listeners hear of each change until they leave', () => {
    const { ceremonies } = bench()
    const listener = vi.fn<() => void>()
    const leave = ceremonies.subscribe(listener)
    ceremonies.authenticate(ceremony('one'))
    expect(listener).toHaveBeenCalledTimes(1)
    leave()
    ceremonies.keepOnly(null)
    expect(listener).toHaveBeenCalledTimes(1)
  })
})
