import type { CardData, ReaderIdentity } from './card-data.ts'
import type { EnrolmentRefusal } from './enrolment-refusal.ts'
import { explain } from './explain.ts'
import { initialHealth, judge, type HealthEvent } from './health.ts'
import { identify, rawBadge } from './identify.ts'
import { initialPresence, observe, resync, stayedEmpty, type PresenceEvent } from './presence.ts'
import { countFailure, countReading, initialQuality, risen } from './reader-quality.ts'
import type { InspectMode, ReaderContext, ReaderOptions } from './reader.ts'

/** What a look into the field gave; `malformed`: neither a card nor nothing. */
export type Reading =
  | { readonly type: 'none' }
  | { readonly type: 'card'; readonly data: CardData }
  | { readonly type: 'malformed' }

/** Equal readings of a word with wrong parity after which the card itself must hold it. */
const parityReadings = 3
/** What is reported later than this after it was read is no tap. */
const staleMs = 2_000

/**
 * What all readers have in common: from what was read to taps, health, inspections and quality. A
 * driver tells either what is in the field again and again (`field`), or when a card comes and goes
 * (`arrived`, `left`), or that one was swiped (`swiped`).
 */
export function createReaderCore(identity: ReaderIdentity, context: ReaderContext) {
  const { now, report } = context
  let options: ReaderOptions = context.options
  let mode: InspectMode = context.inspect
  let presence = initialPresence
  let health = initialHealth
  let quality = initialQuality
  let detail = ''
  let doubtful = { key: '', readings: 0 }
  /** For drivers that tell edges: what lies there, and what left when. */
  let lying: string | null = null
  let lastLeft: { readonly badge: string; readonly at: number } | null = null
  let inspected = ''
  const refusals = new Map<string, EnrolmentRefusal>()

  function weigh(event: HealthEvent) {
    const before = health.health
    health = judge(health, event, now())
    if (event.type === 'malformed' || event.type === 'failed') failed()
    if (health.health === before) return
    if (health.health === 'ready') presence = resync(presence)
    report.health(health.health, detail)
  }

  function failed() {
    quality = countFailure(quality, now())
    const count = risen(quality, now())
    if (!count) return
    quality = count.state
    report.quality(count.counted)
  }

  function inspect(reading: Reading, at: number) {
    if (mode === 'off') return
    const key = reading.type === 'card' ? keyOf(reading.data) : reading.type
    if (key === inspected) return
    inspected = key
    if (reading.type !== 'card') return
    const { inspection, badge } = explain(reading.data, identity, options, mode)
    report.inspection({ ...inspection, model: identity.model, at }, badge)
  }

  /** Undefined: what was read is no card and not nothing either. */
  function badgeOf(reading: Reading): string | null | undefined {
    if (reading.type === 'none') return null
    if (reading.type === 'malformed') return undefined
    const { data } = reading
    const card = identify(data, identity, options)
    if (card.ok) {
      if (refusals.size > 64) refusals.clear()
      if (card.refusedAtEnrolment) refusals.set(card.badge, card.refusedAtEnrolment)
      return card.badge
    }
    const misread = card.reason === 'parity' || card.reason === 'layout'
    if (!misread || data.type !== 'word') return undefined
    const key = keyOf(data)
    doubtful = { key, readings: doubtful.key === key ? doubtful.readings + 1 : 1 }
    return doubtful.readings >= parityReadings ? rawBadge(data.word, data.strip) : undefined
  }

  function tell(event: PresenceEvent) {
    if (event.type === 'tap') quality = countReading(quality, now())
    if (mode !== 'off') return
    report.presence(
      event.type === 'tap'
        ? { ...event, refusedAtEnrolment: refusals.get(event.badge) ?? null }
        : event,
    )
  }

  const arrived = (reading: Reading, at: number, fresh: boolean) => {
    inspected = ''
    inspect(reading, at)
    const badge = badgeOf(reading)
    if (badge === undefined) return weigh({ type: 'malformed' })
    if (badge === null) return
    weigh({ type: 'answered', badge })
    if (health.health === 'babbling') return
    lying = badge
    const again = lastLeft?.badge === badge && at - lastLeft.at < options.debounceMs
    if (fresh && !again && now() - at <= staleMs) tell({ type: 'tap', badge, at })
  }
  const left = (at: number) => {
    if (lying === null) return
    lastLeft = { badge: lying, at }
    lying = null
    tell({ type: 'gone', at })
  }

  return {
    get options() {
      return options
    },
    get health() {
      return health.health
    },
    configure(next: ReaderOptions) {
      options = next
    },
    /** It works; `what` it is, and what about it is not as it should be. */
    opened(what: string) {
      detail = what
      report.health('ready', what)
    },
    weigh,
    resync() {
      presence = resync(presence)
    },
    inspect(next: InspectMode) {
      if (mode === next) return
      mode = next
      inspected = ''
      // What lies there while the page opens or closes is no tap.
      presence = resync(presence)
    },
    /** Nothing lies there and nothing is wrong: all that is left to do is wait for a card. */
    get resting() {
      return presence.phase === 'absent' && health.health === 'ready' && health.failures === 0
    },
    /** Polled elsewhere: the field was empty until `at`. */
    stayedEmpty(at: number) {
      presence = stayedEmpty(presence, at)
    },
    /** Polled: what is in the field. An answer that took so long that it tells the past: `stale`. */
    field(reading: Reading, at: number, { stale = false } = {}) {
      if (stale) presence = resync(presence)
      inspect(reading, at)
      const badge = badgeOf(reading)
      if (badge === undefined) return weigh({ type: 'malformed' })
      weigh({ type: 'answered', badge })
      if (health.health === 'babbling') return
      const step = observe(
        presence,
        { badge, at },
        { holdMs: 2 * options.pollMs, debounceMs: options.debounceMs },
        now(),
      )
      presence = step.state
      for (const event of step.events) tell(event)
    },
    /** A card came; `fresh: false`: it was there before anyone listened, which is no tap. */
    arrived: (reading: Reading, at: number, { fresh = true } = {}) => arrived(reading, at, fresh),
    left,
    /** A reader that tells a card once: it came and is gone. */
    swiped(reading: Reading, at: number) {
      arrived(reading, at, true)
      left(at)
    },
  }
}
export type ReaderCore = ReturnType<typeof createReaderCore>

function keyOf(data: CardData): string {
  switch (data.type) {
    case 'word':
    case 'frame':
      return `${data.type}:${data.word.bits}:${data.word.value}`
    case 'chip':
      return `chip:${data.chip}:${Buffer.from(data.bytes).toString('hex')}`
    case 'text':
      return `text:${data.text}`
  }
}
