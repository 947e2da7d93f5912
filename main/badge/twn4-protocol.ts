import type { Reading } from './reader-core.ts'
import { SerialRequestError } from './serial-link.ts'
import type { SerialProtocol, SerialProtocolContext } from './serial-protocol.ts'
import { cardOf } from './twn4-cards.ts'
import { errorText, lampBits, parseAnswer, parseTag, parseVersion, requests } from './twn4.ts'

/** A search over all frequencies takes up to some hundred ms. */
const answerMs = 1_000
const restoreMs = 300
const quietMs = 100
const quietAtMostMs = 1_000
const attempts = 3

const sounds = { accepted: [2_400, 60], refused: [1_000, 150] } as const
const colours = { accepted: lampBits.green, refused: lampBits.red } as const

/**
 * A TWN4 that speaks the simple protocol. Answers carry no number, so after one that is missing,
 * strange or too many the version is asked for, which no other answer looks like.
 */
export function createTwn4Protocol({ link, core }: SerialProtocolContext): SerialProtocol {
  /** An answer came that nobody asked for: which one belongs to which request is not known. */
  let strayed = false
  /** What is seen first after the order was lost tells the past. */
  let stale = true
  let lampsUsed = false
  let lampsFail = false
  link.onStray(() => {
    strayed = true
  })

  async function ask(
    request: string,
    ms = answerMs,
  ): Promise<{ readonly data: Uint8Array; readonly at: number }> {
    const line = await link.request(request, ms)
    const answer = parseAnswer(line.type === 'line' ? line.text : '')
    if (answer.ok) return { data: answer.data, at: line.at }
    strayed = true
    const { error } = answer
    throw error === null
      ? new SerialRequestError('malformed', 'What came is no answer of the simple protocol.')
      : new SerialRequestError('refused', `The reader says: ${errorText(error)}.`)
  }

  async function synchronise(): Promise<string> {
    stale = true
    for (let attempt = 1; ; attempt += 1) {
      await link.quiet(quietMs, quietAtMostMs)
      try {
        const line = await link.request(
          requests.version,
          answerMs,
          (given) => given.type === 'line' && parseVersion(given.text) !== null,
        )
        strayed = false
        return (line.type === 'line' ? parseVersion(line.text) : null) ?? ''
      } catch (error) {
        if (attempt === attempts) throw error
      }
    }
  }

  return {
    pollMs: 'as set',
    async begin() {
      // Without power in between it has forgotten what its pins are.
      lampsUsed = false
      return `Firmware ${await synchronise()}.`
    },
    async poll() {
      if (strayed) await synchronise()
      const { data, at } = await ask(requests.searchTag)
      const tag = parseTag(data)
      const card = tag ? cardOf(tag) : null
      const reading: Reading = card
        ? { type: 'card', data: card }
        : { type: tag === null ? 'none' : 'malformed' }
      if (tag === undefined) strayed = true
      core.field(reading, at, { stale })
      stale = false
    },
    async lamp(signal) {
      if (lampsFail) return
      try {
        if (!lampsUsed) await ask(requests.lampsAreOutputs)
        lampsUsed = true
        await ask(requests.lampsOff)
        if (signal === 'off') return
        await ask(requests.lampsOn(colours[signal]))
        const [hertz, ms] = sounds[signal]
        await ask(requests.beep(hertz, ms))
      } catch (error) {
        // Some models have no lamps or no beeper, and say so.
        if (!(error instanceof SerialRequestError && error.code === 'refused')) throw error
        lampsFail = true
      }
    },
    resync() {
      core.resync()
    },
    async restore() {
      if (lampsUsed) await ask(requests.lampsOff, restoreMs)
    },
  }
}
