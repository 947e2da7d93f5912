import type { Call, Request } from '../../authority/protocol/procedures.ts'
import type { Policy } from '../../policy/settings.ts'
import type { Ask, AskBadge, Effect } from './effects.ts'
import type { SeatState } from './types.ts'

/** One step in the making: what the rules may use and where they leave their effects. */
export interface Turn {
  readonly policy: Policy
  readonly now: number
  readonly effects: Effect[]
  counter: number
  refusal: 'not-now' | 'offline' | null
}

/** Asks the authority; the answer comes back as an event with the number returned here. */
export const ask = <C extends Ask['call']>(turn: Turn, call: C, params: Request<C>): number => {
  turn.counter += 1
  turn.effects.push({ type: 'ask', request: turn.counter, call, params } as Effect)
  return turn.counter
}

/** Asks about the badge that the driver holds under this id. */
export const askBadge = <C extends AskBadge['call']>(
  turn: Turn,
  call: C,
  held: string,
  params: Extract<AskBadge, { call: C }>['params'],
): number => {
  turn.counter += 1
  turn.effects.push({ type: 'ask-badge', request: turn.counter, call, held, params } as Effect)
  return turn.counter
}

/** Tells the authority; nothing at this seat waits for the answer. */
export const tell = <C extends Call>(turn: Turn, call: C, params: Request<C>): void => {
  turn.effects.push({ type: 'tell', call, params } as Effect)
}

export const identify = (
  turn: Turn,
  tap: { readonly tapId: string; readonly reader: string },
  purpose: 'sign-in' | 'witness',
): number => {
  turn.counter += 1
  turn.effects.push({
    type: 'identify',
    request: turn.counter,
    tapId: tap.tapId,
    reader: tap.reader,
    purpose,
  })
  return turn.counter
}

/** The call does not fit what is on the screen: nothing changes, and the caller learns it. */
export const notNow = (state: SeatState, turn: Turn): SeatState => {
  turn.refusal = 'not-now'
  return state
}
