import type { FaultCode } from '../../preload/shown/fault.ts'
import type { MachineTrouble } from './connect-machine.ts'

export interface TroubleNews {
  /** Nothing works before it is mended. */
  readonly fault: (code: FaultCode, detail: string) => void
  /** The workstation may not be used any more: everything on it ends first. */
  readonly outOfService: (code: FaultCode, detail: string) => void
}

/** At a start the network may come a little later than Lanyard: so many failures are no news. */
const patience = 3

/**
 * What people are told of a connection that does not come about. Once it was there, a loss is being
 * offline and no fault: the seat has its own word for that. What the authority itself refuses is told
 * at any time, once.
 */
export function createTroubleTeller({ fault, outOfService }: TroubleNews): {
  readonly trouble: (trouble: MachineTrouble) => void
  readonly online: () => void
} {
  let everOnline = false
  let failures = 0
  let told: MachineTrouble['reason'] | null = null
  const once = (reason: MachineTrouble['reason'], tell: () => void) => {
    if (told === reason) return
    told = reason
    tell()
  }

  return {
    trouble(trouble) {
      const { reason } = trouble
      switch (reason) {
        case 'disabled':
          return once(reason, () => outOfService('workstation-disabled', reason))
        case 'revoked':
        case 'unknown':
          return once(reason, () => outOfService('key-revoked', reason))
        case 'certificate':
          if (everOnline) return
          return once(reason, () => fault('certificate-refused', trouble.detail))
        case 'unreachable':
          failures += 1
          if (everOnline || failures < patience) return
          return once(reason, () => fault('authority-unreachable', trouble.detail))
      }
    },
    online() {
      everOnline = true
      told = null
    },
  }
}
