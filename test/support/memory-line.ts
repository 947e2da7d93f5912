import { setTimeout as pause } from 'node:timers/promises'
import type { Caller } from '../../main/authority/context.ts'
import type { EventSubscription } from '../../main/authority/events/index.ts'
import type { ConnectedAuthority } from '../../main/authority/protocol/client.ts'
import {
  type AuthorityClient,
  AuthorityError,
  type AuthorityEvent,
  type Call,
  type Request,
  type Response,
  workstationIdSchema,
} from '../../main/authority/protocol/index.ts'
import { type Answer, dispatch } from '../../main/authority/server/dispatch.ts'
import type { Line } from './light-agent.ts'
import type { TestNode } from './nodes.ts'

type Hello = Response<'agent.hello'>

/** What a network does to everything that it carries. */
export interface Weather {
  /** Everything takes up to so long, ms. */
  readonly delay: number
  /** How likely a request, an answer or an event is lost, and with it the connection. */
  readonly loss: number
  /** How likely a request arrives a second time, later and at any node. */
  readonly repeat: number
}
export const fair: Weather = { delay: 0, loss: 0, repeat: 0 }

/** One connection to one node: what it carries down keeps its order. */
interface Link {
  readonly node: TestNode
  readonly following: EventSubscription
  readonly waiting: Set<(error: Error) => void>
  open: boolean
  last: Promise<void>
}

const unreachable = () => new AuthorityError('unreachable', 'The line was lost.')

/**
 * Client and network of one workstation in one: it calls what the server would call, and loses,
 * repeats and delays on the way what a network would.
 */
export class MemoryLine implements Line, ConnectedAuthority {
  readonly #caller: Caller
  readonly #nodes: readonly [TestNode, TestNode]
  /** Which node it connects to. */
  at: 0 | 1
  weather = fair
  /** What is lost next, once. */
  loseNext: 'request' | 'answer' | null = null
  #link: Link | null = null
  #online = false
  #asleep = false
  #disposed = false
  #underWay = 0
  #lastSeq = Number.MAX_SAFE_INTEGER
  #lastParams: unknown = null
  #onEvent: (event: AuthorityEvent) => void = () => {}
  #onConnection: Parameters<AuthorityClient['onConnection']>[0] = () => {}

  constructor(id: string, nodes: readonly [TestNode, TestNode], at: 0 | 1) {
    this.#caller = { workstation: { id: workstationIdSchema.parse(id), name: `At ${id}` } }
    this.#nodes = nodes
    this.at = at
    queueMicrotask(() => void this.#connect())
  }

  get connections() {
    return this.#link ? 1 : 0
  }

  /** Calls that a node has begun, or that are still on their way to one. */
  get underWay() {
    return this.#underWay
  }

  /** The machine sleeps: nothing comes or goes, and nobody is told. */
  sleep(): void {
    this.#asleep = true
  }

  heal(): void {
    this.#asleep = false
    if (!this.#link) this.reconnectNow()
  }

  cut(): void {
    if (this.#link) this.#break(this.#link)
  }

  reconnectNow(): void {
    if (!this.#link) void this.#connect()
  }

  onEvent(listener: (event: AuthorityEvent) => void) {
    this.#onEvent = listener
    return () => {}
  }

  onConnection(listener: Parameters<AuthorityClient['onConnection']>[0]) {
    this.#onConnection = listener
    return () => {}
  }

  async call<C extends Call>(call: C, params: Request<C>): Promise<Response<C>> {
    const link = this.#link
    if (!link || !this.#online) throw unreachable()
    // Sent twice by who sends it: the second one goes to the other node.
    const strays = params === this.#lastParams
    this.#lastParams = params
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    link.waiting.add(reject)
    void this.#send(link, strays ? this.#other(link.node) : link.node, [call, params], resolve)
    try {
      const answer = await promise
      if (!answer.ok) throw new AuthorityError(answer.error.code, answer.error.message)
      return answer.value as Response<C>
    } finally {
      link.waiting.delete(reject)
    }
  }

  /** Carries out a call at a node whatever the line does, as what arrives long after it was sent. */
  async deliver<C extends Call>(node: TestNode, call: C, params: Request<C>): Promise<Answer> {
    this.#underWay += 1
    try {
      return await dispatch(node.authority.handlers, call, params, this.#caller)
    } finally {
      this.#underWay -= 1
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true
    this.cut()
  }

  #other(node: TestNode): TestNode {
    return node === this.#nodes[0] ? this.#nodes[1] : this.#nodes[0]
  }

  async #send<C extends Call>(
    link: Link,
    node: TestNode,
    [call, params]: readonly [C, Request<C>],
    answered: (answer: Answer) => void,
  ): Promise<void> {
    // It may arrive after whoever sent it has given up.
    this.#underWay += 1
    try {
      await this.#travel()
      if (this.#asleep) return
      if (this.#loses('request')) return this.#break(link)
      if (Math.random() < this.weather.repeat) void this.#repeat(call, params)
      const answer = await this.deliver(node, call, params)
      this.#carry(link, () => answered(answer), 'answer')
    } finally {
      this.#underWay -= 1
    }
  }

  async #repeat<C extends Call>(call: C, params: Request<C>): Promise<void> {
    this.#underWay += 1
    await pause(Math.random() * 8)
    await this.deliver(Math.random() < 0.5 ? this.#nodes[0] : this.#nodes[1], call, params)
    this.#underWay -= 1
  }

  #travel(): Promise<void> | void {
    const { delay } = this.weather
    if (delay > 0) return pause(Math.random() * delay)
  }

  #loses(what: 'request' | 'answer' | 'event'): boolean {
    if (this.loseNext !== what) return Math.random() < this.weather.loss
    this.loseNext = null
    return true
  }

  #carry(link: Link, arrive: () => void, what: 'answer' | 'event'): void {
    link.last = link.last.then(async () => {
      await this.#travel()
      if (this.#asleep || !link.open) return
      if (this.#loses(what)) this.#break(link)
      else arrive()
    })
  }

  async #connect(): Promise<void> {
    if (this.#link || this.#asleep || this.#disposed) return
    const node = this.#nodes[this.at]
    // Before anything is read, as the server does.
    const following = node.authority.events.follow(this.#caller.workstation.id, (event) =>
      this.#carry(link, () => this.#heed(event), 'event'),
    )
    const link: Link = {
      node,
      following,
      waiting: new Set(),
      open: true,
      last: Promise.resolve(),
    }
    this.#link = link
    const afterSeq = this.#lastSeq
    const answer = await this.deliver(node, 'agent.hello', { protocol: 1, afterSeq, instance: '' })
    const hello = answer.ok ? (answer.value as Hello) : null
    const missed = hello && (await this.#missed(node, hello.seq))
    if (!hello || !missed) return this.#break(link)
    for (const event of missed) this.#carry(link, () => this.#heed(event), 'event')
    this.#carry(
      link,
      () => {
        this.#lastSeq = hello.seq
        this.#online = true
        this.#onConnection('online', hello)
      },
      'answer',
    )
    following.from(hello.seq)
  }

  async #missed(node: TestNode, seq: number): Promise<readonly AuthorityEvent[] | null> {
    if (this.#lastSeq >= seq) return []
    const missed = await node.authority.events
      .since(this.#caller.workstation.id, this.#lastSeq)
      .catch(() => null)
    return missed && missed.filter((event) => event.seq <= seq)
  }

  #heed(event: AuthorityEvent): void {
    if (event.seq <= this.#lastSeq) return
    this.#lastSeq = event.seq
    this.#onEvent(event)
  }

  #break(link: Link): void {
    if (!link.open) return
    link.open = false
    link.following.end()
    for (const reject of link.waiting) reject(unreachable())
    this.#link = null
    if (this.#online) this.#onConnection('offline')
    this.#online = false
    if (!this.#disposed) setTimeout(() => void this.#connect(), 1 + Math.random() * 3)
  }
}
