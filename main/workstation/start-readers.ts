import { utilityProcess } from 'electron'
import { monotonicNow } from '../badge/reader-messages.ts'
import type { OpenSeat, ShellOptions } from './open-seat.ts'
import { startReaderHost } from './reader-host.ts'

export interface SeatOptions extends ShellOptions {
  readonly readerEntry: string
  readonly readerArguments: readonly string[]
}

/** One process for each transport that policy names. */
export const startReaders = (
  options: SeatOptions,
  seat: Pick<OpenSeat, 'driver' | 'observe' | 'setReader'>,
) => {
  const { driver, observe } = seat
  const reader = startReaderHost({
    transports: options.policy['badge.transports'],
    fork: (transport) =>
      utilityProcess.fork(
        options.readerEntry,
        [...options.readerArguments, '--transport', transport],
        { serviceName: `Lanyard reader ${transport}` },
      ),
    configure: {
      type: 'configure',
      format: options.policy['badge.format'],
      profiles: [...options.policy['badge.profiles']],
      ports: [...options.policy['badge.serialPorts']],
      pollMs: options.policy['tap.poll'],
      debounceMs: options.policy['tap.debounce'],
    },
    onTap: (tap) => driver.tap(tap),
    onTwoBadges: (path) => driver.dispatch({ type: 'two-badges', reader: path }),
    onState: (path, state, about) =>
      driver.dispatch({ type: 'reader', reader: path, state, ...about }),
    onInspection: (message) => driver.inspection(message),
    onQuality: (message) => driver.quality(message),
    onProcess: (state, detail) =>
      observe({ type: 'process', at: monotonicNow(), process: 'reader', state, detail }),
    now: monotonicNow,
  })
  seat.setReader(reader)
  return reader
}
