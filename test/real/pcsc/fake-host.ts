import { vi } from 'vitest'
import { createPcscSource } from '../../../main/badge/pcsc-source.ts'
import { createReaderHost } from '../../../main/badge/reader-host.ts'
import type { ReaderMessage } from '../../../main/badge/reader-messages.ts'
import { createFakePort, createFakeReader, type FakeCard } from './fake-port.ts'

/* The reader process without its process, at a service that is made up; time is frozen. */

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

export const desfire = '3b8180018080'
const card = (uid: string): FakeCard => ({ atr: desfire, answer: () => `${uid}9000` })
export const nurse = card('04a1b2c3d4e580')
export const physician = card('04112233445566')
export const nurseBadge = 'ISO14443A|RAW|56|04a1b2c3d4e580'
export const physicianBadge = 'ISO14443A|RAW|56|04112233445566'

export function start(...readers: readonly ReturnType<typeof createFakeReader>[]) {
  const port = createFakePort()
  port.has(...readers)
  const messages: ReaderMessage[] = []
  const host = createReaderHost({
    source: createPcscSource({ pcsc: port.pcsc, platform: 'linux' }),
    now: () => Date.now(),
    send: (message) => messages.push(message),
  })
  host.obey({
    type: 'configure',
    format: 'raw',
    profiles: [],
    ports: [],
    avoid: [],
    pollMs: 150,
    debounceMs: 1_000,
  })
  return {
    port,
    host,
    messages,
    /** What was said of cards since the last time. */
    cards: () =>
      messages
        .splice(0)
        .flatMap((message) =>
          message.type === 'tap' ? [message.badge] : message.type === 'gone' ? ['gone'] : [],
        ),
    states: () =>
      messages.splice(0).flatMap((message) => (message.type === 'reader' ? [message.state] : [])),
  }
}

export async function ready() {
  const reader = createFakeReader('ACS ACR1252 1S CL Reader PICC 0')
  const started = start(reader)
  await pass(100)
  started.messages.length = 0
  return { reader, ...started }
}
