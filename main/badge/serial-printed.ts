import { createCalm } from './input-reader-calm.ts'
import { createDrain } from './input-reader-drain.ts'
import type { SerialProtocol, SerialProtocolContext } from './serial-protocol.ts'

/** Characters of the longest line that is a badge. */
export const printedLimit = 64

/** A slow port hands over for longer what a reader kept: 64 characters at 2400 baud. */
const drainMs = 250

/** A reader that prints one line for each badge and can be asked nothing. */
export function createPrintedProtocol({ link, core, now }: SerialProtocolContext): SerialProtocol {
  const calm = createCalm(core)
  // A line that began before its end, and ends after it, was printed before anyone listened.
  const drain = createDrain({ now, ms: drainMs, ended: () => link.breakOff() })
  link.onStray((line) => {
    if (drain.draining) return
    core.swiped(
      line.type === 'line'
        ? { type: 'card', data: { type: 'text', medium: 'PRINTED', text: line.text } }
        : { type: 'malformed' },
      line.at,
    )
    calm.stir()
  })

  return {
    pollMs: 'never',
    async begin() {
      drain.start()
      return 'It prints a line for each badge.'
    },
    async poll() {},
    async lamp() {},
    resync() {
      link.breakOff()
      drain.start()
    },
    async restore() {
      drain.stop()
      calm.stop()
    },
  }
}
