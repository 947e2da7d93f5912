import type { PowerMonitor, WebContents } from 'electron'

/** Not a person: Chromium makes these when a view moves under a resting pointer. */
const notAPerson = new Set(['mouseEnter', 'mouseLeave', 'undefined'])

/** Passes on that somebody works, at most once per `interval` ms. */
export const createActivity = ({
  report,
  now,
  interval = 1_000,
}: {
  readonly report: () => void
  readonly now: () => number
  readonly interval?: number
}) => {
  let last = -interval
  const note = () => {
    if (now() - last < interval) return
    last = now()
    report()
  }
  return {
    note,
    /** Every key, pointer and touch in a view counts, also where the page does not see it. */
    watch: (contents: Pick<WebContents, 'on'>, lockNow: () => void): void => {
      contents.on('input-event', (_event, input) => {
        if (!notAPerson.has(input.type)) note()
      })
      contents.on('before-input-event', (event, input) => {
        const isLock = input.type === 'keyDown' && input.key.toLowerCase() === 'l'
        if (!isLock || !(input.control || input.meta) || input.alt || input.shift) return
        event.preventDefault()
        lockNow()
      })
    },
  }
}

/** The machine sleeps or locks: so does the seat. Returns the end of watching. */
export const watchMachine = (
  monitor: Pick<PowerMonitor, 'on' | 'off'>,
  on: { readonly leaving: () => void; readonly back: () => void },
): (() => void) => {
  monitor.on('suspend', on.leaving)
  monitor.on('lock-screen', on.leaving)
  monitor.on('resume', on.back)
  monitor.on('unlock-screen', on.back)
  return () => {
    monitor.off('suspend', on.leaving)
    monitor.off('lock-screen', on.leaving)
    monitor.off('resume', on.back)
    monitor.off('unlock-screen', on.back)
  }
}
