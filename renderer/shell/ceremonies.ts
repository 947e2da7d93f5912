import type { Ceremony } from '../../preload/shown/proof.ts'
import type { LanyardBridge } from '../../preload/contract.ts'
import type { Authenticator, Credential } from './authenticator.ts'
import { assertionFailure, registrationFailure, type CeremonyEnd } from './ceremony-failure.ts'

/** `sent`: the answer is on its way to main; the next snapshot says what came of it. */
export type CeremonyStatus = 'idle' | 'running' | 'sent'

export interface Enrolment {
  readonly enrolmentId: string
  readonly options: Readonly<Record<string, unknown>>
  /** The name that the person gave the new passkey. */
  readonly name: string
}

export interface Ceremonies {
  readonly authenticate: (ceremony: Ceremony) => void
  readonly register: (enrolment: Enrolment) => void
  /** Ends the ceremony under way, unless it is this one, and reports nothing of it. */
  readonly keepOnly: (id: string | null) => void
  readonly status: (id: string) => CeremonyStatus
  readonly subscribe: (listener: () => void) => () => void
}

interface Run {
  readonly id: string
  readonly expiresAt: number
  readonly ask: () => Promise<Credential>
  readonly answer: (credential: Credential) => Promise<unknown>
  readonly fail: (end: CeremonyEnd) => Promise<unknown>
}

/** When the options carry none; the authority's own limit is what counts. */
const registrationTimeout = 120_000

/**
 * Passkey ceremonies, one at a time: starting one ends the one before. Each ends by its
 * `expiresAt`. Its outcome goes to main exactly once, unless the snapshot moved on meanwhile.
 */
export function createCeremonies({
  bridge,
  authenticator,
  clock,
}: {
  readonly bridge: Pick<LanyardBridge, 'call'>
  readonly authenticator: Authenticator
  readonly clock: () => number
}): Ceremonies {
  const listeners = new Set<() => void>()
  let current: { readonly id: string; readonly status: CeremonyStatus } | null = null
  // Tells a run whether it still is the one: an id alone would let a restarted ceremony answer twice.
  let generation = 0

  const become = (next: typeof current) => {
    current = next
    for (const listener of listeners) listener()
  }

  const end = () => {
    if (current === null) return
    generation += 1
    if (current.status === 'running') authenticator.abort()
    become(null)
  }

  const run = async ({ id, expiresAt, ask, answer, fail }: Run) => {
    if (current?.id === id) return
    end()
    generation += 1
    const mine = generation
    const startedAt = clock()
    let expired = false
    const timer = setTimeout(
      () => {
        expired = true
        authenticator.abort()
      },
      Math.max(0, expiresAt - startedAt),
    )
    become({ id, status: 'running' })
    const outcome = await ask().then(
      (credential) => () => answer(credential),
      (error: unknown) => () => fail({ error, elapsed: clock() - startedAt, expired }),
    )
    clearTimeout(timer)
    if (mine !== generation) return
    become({ id, status: 'sent' })
    await outcome()
  }

  return {
    authenticate(ceremony) {
      const { ceremonyId } = ceremony
      void run({
        id: ceremonyId,
        expiresAt: ceremony.expiresAt,
        ask: () => authenticator.get(ceremony.options),
        answer: (response) => bridge.call('passkey.assert', { ceremonyId, response }),
        fail: (e) => bridge.call('passkey.fail', { ceremonyId, reason: assertionFailure(e) }),
      })
    },
    register({ enrolmentId, options, name }) {
      const timeout = typeof options.timeout === 'number' ? options.timeout : registrationTimeout
      void run({
        id: enrolmentId,
        expiresAt: clock() + timeout,
        ask: () => authenticator.create(options),
        answer: (response) => bridge.call('enrolment.finish', { enrolmentId, response, name }),
        fail: (e) => bridge.call('enrolment.fail', { enrolmentId, reason: registrationFailure(e) }),
      })
    },
    keepOnly(id) {
      if (current !== null && current.id !== id) end()
    },
    status: (id) => (current?.id === id ? current.status : 'idle'),
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
