import {
  assignment,
  isError,
  isQueued,
  parseQueued,
  parseValue,
  query,
  queueRequest,
  tickMs,
  type Queued,
} from './rfideas-serial.ts'
import { SerialRequestError } from './serial-link.ts'
import type { SerialProtocol, SerialProtocolContext } from './serial-protocol.ts'

const answerMs = 1_000
const restoreMs = 300
const quietMs = 150
const quietAtMostMs = 1_000
/** Two reckonings of when one card was read differ by this much at most: ticks and delays. */
const sameReadMs = 300

/**
 * The card's word as it is on the card: nothing stripped, turned or inverted. Set in RAM, given back
 * at the end; what a firmware does not know it does not do either.
 */
const neutral: readonly (readonly [string, string])[] = [
  ['wieg.strip.lead.bits', '0'],
  ['wieg.strip.trail.bits', '0'],
  ['wieg.inv.bits', 'false'],
  ['wieg.rev.bits', 'false'],
  ['wieg.rev.bytes', 'false'],
]
const lamp = 'out.led'
/** The device's own control of its lamp. */
const ownLamp = '255'
const colours = { accepted: '2', refused: '1' } as const
const beeps = { accepted: '1', refused: '2' } as const

/**
 * An RF IDeas reader that is asked for the card it read last. Its age says when that was: a card is
 * new when that time is, and a tap when someone listened by then.
 */
export function createRfIdeasProtocol({ link, core, now }: SerialProtocolContext): SerialProtocol {
  const found = new Map<string, string>()
  let strayed = false
  let since = now()
  let last: { readonly key: string; readonly at: number } | null = null
  let lying = false
  link.onStray((line) => {
    if (line.type === 'line' && isQueued(line.text)) strayed = true
  })

  /** Null: the firmware does not know it. */
  async function valueOf(variable: string, ms = answerMs): Promise<string | null> {
    const line = await link.request(
      query(variable),
      ms,
      (given) => given.type === 'line' && (parseValue(given.text) !== null || isError(given.text)),
    )
    return line.type === 'line' ? parseValue(line.text) : null
  }

  async function neutralise(variable: string, wanted: string): Promise<void> {
    const value = await valueOf(variable)
    if (value === null || value === wanted) return
    if (!found.has(variable)) found.set(variable, value)
    link.send(assignment(variable, wanted))
    if ((await valueOf(variable)) === wanted) return
    throw new SerialRequestError(
      'refused',
      `It does not take rfid:${variable}=${wanted}. Set it with the utility of RF IDeas.`,
    )
  }

  async function prepare(): Promise<void> {
    for (const [variable, wanted] of neutral) await neutralise(variable, wanted)
  }

  /** After it, the next answer is the one to the next request: `qid` is answered unlike a query. */
  async function synchronise(): Promise<void> {
    await link.quiet(quietMs, quietAtMostMs)
    await valueOf(lamp)
    strayed = false
    since = now()
  }

  function leave(at: number) {
    if (lying) core.left(at)
    lying = false
  }

  function see({ card, age, lockout }: Queued, at: number) {
    core.weigh({ type: 'answered', badge: null })
    if (!card) return leave(at)
    const read = { key: `${card.bits}:${card.value}`, at: at - age * tickMs }
    if (last?.key === read.key && read.at <= last.at + sameReadMs) {
      if (lockout === 0) leave(at)
      return
    }
    leave(read.at)
    last = read
    lying = true
    const data = {
      type: 'word',
      word: card,
      strip: { lead: 0, trail: 0 },
      raw: Buffer.from(card.value.toString(16).padStart(2 * Math.ceil(card.bits / 8), '0'), 'hex'),
      transforms: [],
    } as const
    core.arrived({ type: 'card', data }, read.at, { fresh: read.at - tickMs >= since })
  }

  return {
    pollMs: 'as set',
    async begin() {
      await synchronise()
      // Without power in between it has forgotten what was set.
      await prepare()
      since = now()
      return 'It speaks the ASCII command protocol.'
    },
    async poll() {
      if (strayed) await synchronise()
      const line = await link.request(
        queueRequest,
        answerMs,
        (given) => given.type === 'malformed' || isQueued(given.text) || isError(given.text),
      )
      const queued = line.type === 'line' ? parseQueued(line.text) : null
      if (queued) return see(queued, line.at)
      strayed = true
      if (line.type === 'line' && isError(line.text))
        throw new SerialRequestError('refused', 'The reader does not know rfid:qid.')
      throw new SerialRequestError('malformed', 'What came is no answer to rfid:qid.')
    },
    async lamp(signal) {
      if (signal === 'off') return link.send(assignment(lamp, ownLamp))
      link.send(assignment(lamp, colours[signal]))
      link.send(assignment('beep.now', beeps[signal]))
    },
    resync() {
      since = now()
    },
    async restore() {
      for (const [variable, value] of found) link.send(assignment(variable, value))
      link.send(assignment(lamp, ownLamp))
      // Its answer says that all the above was read.
      await valueOf(lamp, restoreMs)
    },
  }
}
