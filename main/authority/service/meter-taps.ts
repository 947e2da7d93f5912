import type { Handlers } from '../context.ts'

/** Legs of a tap as agents report them (R8, main/workstation/timing.ts), and the whole. */
export const tapLegs = [
  'read',
  'cover',
  'resolve',
  'person',
  'verify',
  'policy',
  'switch',
  'painted',
  'application',
  'total',
] as const
export type TapLeg = (typeof tapLegs)[number]

/** Longer than this a leg was no tap any more, ms. */
const longest = 10 * 60_000

export interface TapMeter {
  /** One leg of one tap at one of the house's workstations. */
  tapLeg(leg: TapLeg, seconds: number): void
}

/** Lets IT see which leg of a tap is slow: what agents report is counted, once it is on record. */
export const meterTaps = (handlers: Handlers, meter: TapMeter): Handlers => ({
  ...handlers,
  async 'workstation.report'(request, caller) {
    const answer = await handlers['workstation.report'](request, caller)
    if (request.event !== 'tap-timed') return answer
    for (const leg of tapLegs) {
      const took = request.detail[leg]
      if (typeof took === 'number' && took >= 0 && took <= longest) meter.tapLeg(leg, took / 1000)
    }
    return answer
  },
})
