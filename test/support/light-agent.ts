import { randomBytes } from 'node:crypto'
import { connectAuthority, type ConnectedAuthority } from '../../main/authority/protocol/client.ts'
import {
  AuthorityError,
  type AuthorityEvent,
  type Call,
  type Request,
  type Response,
  type SessionId,
} from '../../main/authority/protocol/index.ts'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'
import type { ReadyPerson } from './many-people.ts'
import { agentHeaders, type TestNode } from './nodes.ts'

/** What an agent's own acts do to the network that it hangs on. */
export type Line = Pick<FaultyProxy, 'connections' | 'heal' | 'cut' | 'dispose'>

type Hello = Response<'agent.hello'>
type SignedIn = Extract<Response<'session.start'>, { outcome: 'signed-in' }>

export interface TapOptions {
  /** Prove with the passkey also where a tap would be enough. */
  readonly passkey?: boolean
  /** Every request of the tap is sent twice. */
  readonly twice?: boolean
}

/** What the authority answered for good; each must be in its record. */
export interface Acknowledged {
  readonly what: 'signed-in' | 'ended'
  readonly sessionId: string
}

/** Does what a tapped badge asks for, with what was known then. True: signed in here. */
export type Prove = () => Promise<boolean>

/**
 * A seat reduced to what a hospital sees of it: which session is open on its screen, what it covered,
 * and what it told the authority of that, over a client and through a network that are given.
 */
export class LightAgent<L extends Line = FaultyProxy> {
  readonly id: string
  readonly network: L
  readonly #client: ConnectedAuthority
  /** The one session that is to be seen. */
  open: { readonly sessionId: SessionId; readonly personId: string } | null = null
  readonly shown = new Map<string, string>()
  readonly acknowledged: Acknowledged[] = []
  /** Said to be covered, and heard. */
  readonly secured = new Set<string>()
  readonly problems: string[] = []
  /** Ended, as the authority said. */
  readonly #over = new Set<string>()
  /** Signed out here, heard or not. */
  readonly #left = new Set<string>()
  readonly #owed = new Set<SessionId>()
  readonly #unended = new Set<SessionId>()
  #online = false
  #telling = false
  #lastSeq = 0
  #refused = 'nothing'

  constructor(id: string, network: L, client: ConnectedAuthority) {
    this.id = id
    this.network = network
    this.#client = client
    this.#client.onEvent((event) => this.#heed(event))
    this.#client.onConnection((state, hello) => {
      this.#online = state === 'online'
      if (hello) this.#reconcile(hello)
    })
  }

  /** What is still to be done before the seat is at rest; null when it is. */
  get unsettled(): string | null {
    if (this.#online && this.#debts === 0) return null
    const owed = `owes ${this.#owed.size}, has to end ${this.#unended.size}`
    const line = this.#online ? 'online' : `offline over ${this.network.connections} connections`
    return `${this.id} is ${line}, ${owed}, was refused last with ${this.#refused}`
  }

  /** As after a sleep: a line that seems open may be none. */
  wake(): void {
    // Its line is cut now; it will hear of that in a moment.
    this.#online = false
    this.network.heal()
    this.network.cut()
    this.#client.reconnectNow()
  }

  /** Whether this seat knows that a session is over. */
  isOver(sessionId: string): boolean {
    return this.#over.has(sessionId)
  }

  /** A person taps and does what is asked. True when they are signed in here. */
  async tap(person: ReadyPerson, options: TapOptions = {}): Promise<boolean> {
    const prove = await this.present(person, options)
    return prove !== null && prove()
  }

  /** A person taps; null when that was refused or not heard. */
  async present(
    person: ReadyPerson,
    { passkey = false, twice = false }: TapOptions = {},
  ): Promise<Prove | null> {
    const tapId = randomBytes(8).toString('hex')
    const { badge, personId } = person
    const identify = { tapId, badge, reader: 'test', purpose: 'sign-in' as const }
    const wasHeard = ({ outcome }: { readonly outcome: string }) => outcome === 'identified'
    const asked = await this.#call('tap.identify', identify, twice, wasHeard).catch(() => null)
    if (asked?.outcome !== 'identified') return null
    const { session, elsewhere, ceremony } = asked
    const isIn = ({ outcome }: { readonly outcome: string }) => outcome === 'signed-in'
    const byTap = async () => {
      if (passkey) return null
      if (session) {
        const params = { sessionId: session.sessionId, tapId }
        return this.#call('session.resume', params, twice, isIn)
      }
      return elsewhere?.tapEnough === true
        ? this.#call('session.take', { tapId }, twice, isIn)
        : null
    }
    const byPasskey = () => {
      const params = { ceremonyId: ceremony.ceremonyId, response: person.answer(ceremony.options) }
      return this.#call('session.start', params, twice, isIn)
    }
    return async () => {
      try {
        const first = await byTap()
        const signedIn = first?.outcome === 'signed-in' ? first : await byPasskey()
        if (signedIn.outcome !== 'signed-in') return false
        this.#show(signedIn, personId)
        return true
      } catch {
        return false
      }
    }
  }

  async signOut(twice = false): Promise<void> {
    const last = this.open
    if (!last) return
    // A person who signs out sees nothing more, whatever the network does.
    this.open = null
    this.#left.add(last.sessionId)
    const params = { sessionId: last.sessionId, reason: 'sign-out' as const }
    try {
      await this.#call('session.end', params, twice)
      this.#ended(last.sessionId)
    } catch {
      this.#unended.add(last.sessionId)
      void this.#tell()
    }
  }

  async dispose(): Promise<void> {
    await this.#client.dispose()
    await this.network.dispose()
  }

  async #call<C extends Call>(
    call: C,
    params: Request<C>,
    twice = false,
    isGood: (value: Response<C>) => boolean = () => true,
  ): Promise<Response<C>> {
    if (!twice) return this.#client.call(call, params)
    const both = await Promise.allSettled([
      this.#client.call(call, params),
      this.#client.call(call, params),
    ])
    const answers = both.filter((one) => one.status === 'fulfilled').map(({ value }) => value)
    const [first] = answers
    if (first === undefined) throw both[0].status === 'rejected' ? both[0].reason : new Error(call)
    return answers.find(isGood) ?? first
  }

  #show({ session }: SignedIn, personId: string): void {
    const { sessionId } = session
    this.acknowledged.push({ what: 'signed-in', sessionId })
    // It may have gone on elsewhere before this answer arrived.
    if (this.#over.has(sessionId) || this.#left.has(sessionId)) return this.#owe(sessionId)
    this.open = { sessionId, personId }
    this.shown.set(sessionId, personId)
  }

  #ended(sessionId: string): void {
    this.#over.add(sessionId)
    this.acknowledged.push({ what: 'ended', sessionId })
  }

  #heed(event: AuthorityEvent): void {
    if (event.seq !== this.#lastSeq + 1)
      this.problems.push(`event ${event.seq} after ${this.#lastSeq}`)
    this.#lastSeq = event.seq
    if (event.type === 'session.ended') this.#cover(event.sessionId)
  }

  #cover(sessionId: SessionId): void {
    this.#over.add(sessionId)
    if (this.open?.sessionId === sessionId) this.open = null
    this.#owe(sessionId)
  }

  #reconcile({ seq, sessions }: Hello): void {
    this.#lastSeq = seq
    const live = new Set<string>(sessions.map(({ sessionId }) => sessionId))
    if (this.open && !live.has(this.open.sessionId)) this.#cover(this.open.sessionId)
    void this.#tell()
  }

  #owe(sessionId: SessionId): void {
    this.#owed.add(sessionId)
    void this.#tell()
  }

  /** Says what is covered, and what was signed out, until it is heard. */
  async #tell(): Promise<void> {
    if (this.#telling) return
    this.#telling = true
    try {
      for (const sessionId of this.#unended) {
        const params = { sessionId, reason: 'sign-out' as const }
        await this.#client.call('session.end', params)
        this.#unended.delete(sessionId)
        this.#ended(sessionId)
      }
      for (const sessionId of this.#owed) {
        await this.#client.call('session.secured', { sessionId })
        this.#owed.delete(sessionId)
        this.secured.add(sessionId)
      }
    } catch (error) {
      // Again, or with the next hello.
      this.#refused = error instanceof AuthorityError ? error.code : 'something else'
    }
    this.#telling = false
    if (this.#online && this.#debts > 0) setTimeout(() => void this.#tell(), 20)
  }

  get #debts(): number {
    return this.#owed.size + this.#unended.size
  }
}

/** Real client, real socket, through a network of its own. */
export async function startLightAgent(id: string, node: TestNode): Promise<LightAgent> {
  const network = await startFaultyProxy({ host: '127.0.0.1', port: node.port })
  const client = connectAuthority({
    url: `http://127.0.0.1:${network.port}`,
    headers: agentHeaders(id),
    instance: randomBytes(8).toString('hex'),
    timeout: 10_000,
    backoff: { first: 10, longest: 80 },
  })
  return new LightAgent(id, network, client)
}
