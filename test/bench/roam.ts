import { type BenchAgent, connectAgent, signIn } from './agent-client.ts'
import { type Engine, prepareGround } from './databases.ts'
import { percentile, type Report, round } from './figures.ts'
import { peopled, startNode } from './house.ts'
import { type BenchPerson, invent } from './people.ts'

export interface RoamOptions {
  readonly engines: readonly Engine[]
  readonly moves: number
  readonly tell: Report
}

/** How soon the seat that a person left knows, and the authority knows that it does. */
export async function benchRoam({ engines, moves, tell }: RoamOptions): Promise<void> {
  const people = invent(20)
  for (const engine of engines) {
    const ground = await prepareGround(engine)
    try {
      const database = await peopled(ground, people)
      const nodes = [await startNode(ground, { database })]
      // An embedded database has one node.
      if (engine === 'postgres') nodes.push(await startNode(ground, { database }))
      const seats = await Promise.all(
        ['ws-a', 'ws-b'].map((workstation, at) =>
          connectAgent({ url: nodes[at % nodes.length]?.url ?? '', workstation }),
        ),
      )
      const [a, b] = seats
      if (!a || !b) continue
      const times: Moved[] = []
      // Not counted: nodes of a hospital have compiled what they run long ago.
      const warmUp = 200
      for (let move = -warmUp; move < moves; move += 1) {
        const person = people[(move + warmUp) % people.length]
        if (!person) continue
        const moved = await moveOnce(a, b, person)
        if (move >= 0) times.push(moved)
      }
      const at = (of: keyof Moved, part: number) =>
        round(
          percentile(
            times.map((one) => one[of]),
            part,
          ),
        )
      tell({
        name: 'roam',
        engine,
        nodes: nodes.length,
        moves,
        signedInP50: at('signedIn', 0.5),
        signedInP99: at('signedIn', 0.99),
        toldP50: at('told', 0.5),
        toldP99: at('told', 0.99),
        securedP50: at('secured', 0.5),
        securedP99: at('secured', 0.99),
        // From the tap, so the event between the nodes took less than the first.
        met: at('told', 0.99) <= 50 && at('secured', 0.99) <= 2000,
      })
      for (const seat of seats) seat.close()
      for (const node of nodes) await node.kill()
    } finally {
      await ground.dispose()
    }
  }
}

/** Milliseconds from the tap at the new seat. */
interface Moved {
  readonly signedIn: number
  readonly told: number
  /** The old seat's word that it is cleared was taken. */
  readonly secured: number
}

async function moveOnce(a: BenchAgent, b: BenchAgent, person: BenchPerson): Promise<Moved> {
  const { session } = await signIn(a, person)
  const told = new Promise<number>((resolve) => {
    a.onEvent = ({ type, sessionId }) => {
      if (type === 'session.ended' && sessionId === session.sessionId) resolve(performance.now())
    }
  })
  const tapped = performance.now()
  const { session: next } = await signIn(b, person)
  const signedIn = performance.now() - tapped
  const toldAt = (await told) - tapped
  await a.call('session.cleared', { sessionId: session.sessionId, verified: true })
  const secured = performance.now() - tapped
  await b.call('session.end', { sessionId: next.sessionId, reason: 'sign-out' })
  return { signedIn, told: toldAt, secured }
}
