import type { PersonId } from '../../authority/protocol/views.ts'
import type { SeatTap } from './events.ts'
import { tell } from './turn.ts'
import type { Turn } from './turn.ts'
import type { SeatState } from './types.ts'

const MINUTE = 60_000
/** More people than tap at one seat between two restarts. */
const REMEMBERED = 512

/** The same badge within `tap.ignoreAgain` is the same tap: people swipe twice. */
export const isRepeated = ({ lastTap }: SeatState, tap: SeatTap, turn: Turn): boolean =>
  lastTap !== null &&
  lastTap.badge === tap.badge &&
  turn.now - lastTap.at < turn.policy['tap.ignoreAgain']

/** Readers tell two badges in the field from an exchange about a second after the first was read. */
const TOGETHER = 3_000

/** A badge was read so shortly ago that `two-badges` means it, too. */
export const followsTap = ({ lastTap }: SeatState, turn: Turn): boolean =>
  lastTap !== null && turn.now - lastTap.at < TOGETHER

export const ownerOf = (state: SeatState, badge: string): PersonId | null =>
  state.known.find((known) => known.badge === badge)?.personId ?? null

export const remember = (state: SeatState, badge: string, personId: PersonId): SeatState => ({
  ...state,
  known: [
    ...state.known.filter((known) => known.badge !== badge).slice(1 - REMEMBERED),
    { badge, personId },
  ],
})

export const forget = (state: SeatState, badge: string): SeatState => ({
  ...state,
  known: state.known.filter((known) => known.badge !== badge),
})

/** One of their badges may be theirs no more: each is looked up again at its next tap. */
export const forgetPerson = (state: SeatState, personId: PersonId): SeatState => ({
  ...state,
  known: state.known.filter((known) => known.personId !== personId),
})

/** A reader that read too many refused badges rests; badges accepted before still work there. */
export const isCoolingFor = (state: SeatState, tap: SeatTap, turn: Turn): boolean =>
  turn.now < (state.cooling[tap.reader] ?? 0) && ownerOf(state, tap.badge) === null

export const isCooling = (state: SeatState, reader: string, turn: Turn): boolean =>
  turn.now < (state.cooling[reader] ?? 0)

/** Counts a refused badge against its reader, never against a person. */
export const countRefusal = (state: SeatState, reader: string, turn: Turn): SeatState => {
  const refused = [
    ...state.refused.filter(({ at }) => turn.now - at < MINUTE),
    { reader, at: turn.now },
  ]
  const tooMany =
    refused.filter((one) => one.reader === reader).length >= turn.policy['tap.unknownLimit']
  if (!tooMany) return { ...state, refused }
  return {
    ...state,
    refused: refused.filter((one) => one.reader !== reader),
    cooling: { ...state.cooling, [reader]: turn.now + turn.policy['tap.coolDown'] },
  }
}

export const reportTwoBadges = (turn: Turn): void => {
  tell(turn, 'workstation.report', { event: 'two-badges', detail: {} })
}
