import { createHmac, randomBytes } from 'node:crypto'
import { createReaderHost } from '../badge/reader-host.ts'
import { maskIdentity } from '../badge/mask.ts'
import { monotonicNow, type ReaderMessage } from '../badge/reader-messages.ts'
import type { ReaderSource } from '../badge/reader.ts'
import type { Policy } from '../policy/settings.ts'

export interface ListenOptions {
  readonly sources: readonly ReaderSource[]
  readonly policy: Policy
  readonly reveal: boolean
  /** One JSON line per tap. */
  readonly print: (line: object) => void
  /** What readers do besides, for people. */
  readonly say: (sentence: string) => void
  readonly now?: () => number
  readonly wallClock?: () => number
}

/**
 * Serves the readers of `sources` and prints their taps. A masked tap has a tag that is the same for
 * the same badge until this ends, and means nothing afterwards.
 */
export function listen(options: ListenOptions): { stop(): Promise<void> } {
  const { sources, policy, reveal, print, say } = options
  const { now = monotonicNow, wallClock = Date.now } = options
  const key = randomBytes(32)
  const models = new Map<string, string>()

  function heed(message: ReaderMessage) {
    switch (message.type) {
      case 'reader': {
        models.set(message.reader, message.model)
        const name = message.model === '' ? 'readers' : `${message.model} (${message.reader})`
        return say(`${name}: ${message.state}. ${message.detail}`)
      }
      case 'tap': {
        const { badge, reader, refusedAtEnrolment } = message
        const [technology = '', format = '', bits = ''] = badge.split('|')
        return print({
          type: 'tap',
          at: new Date(wallClock() - (now() - message.at)).toISOString(),
          reader,
          model: models.get(reader) ?? '',
          technology,
          format,
          bits: Number(bits),
          identity: reveal ? badge : maskIdentity(badge),
          tag: createHmac('sha256', key).update(badge).digest('hex').slice(0, 6),
          refusedAtEnrolment,
        })
      }
      case 'two-badges':
        return say('Two badges in the field: neither counts.')
      case 'quality':
        return say(`${message.failures} of the last readings failed.`)
      case 'opening':
      case 'opened':
      case 'gone':
      case 'inspection':
        return
    }
  }

  const hosts = sources.map((source) => createReaderHost({ source, now, send: heed }))
  for (const host of hosts)
    host.obey({
      type: 'configure',
      format: policy['badge.format'],
      profiles: [...policy['badge.profiles']],
      ports: [...policy['badge.serialPorts']],
      avoid: [],
      pollMs: policy['tap.poll'],
      debounceMs: policy['tap.debounce'],
    })
  return {
    async stop() {
      await Promise.all(hosts.map((host) => host.stop()))
    },
  }
}
