import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { ReaderControl } from './reader-control.ts'

export interface VirtualReaderClient {
  /** Resolves when the simulated reader has done it; rejects with its reason. */
  send(command: ReaderControl): Promise<void>
  close(): void
}

const answerSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), error: z.string() }),
])

const patienceMs = 15_000

/** Connects to the sandbox's reader process; waits up to 15 s for it to listen. */
export async function connectVirtualReader(path: string): Promise<VirtualReaderClient> {
  const socket = await reach(path, Date.now() + patienceMs)
  const waiting: PromiseWithResolvers<void>[] = []
  createInterface({ input: socket }).on('line', (line) => {
    const answer = answerSchema.parse(JSON.parse(line))
    const first = waiting.shift()
    if (answer.ok) first?.resolve()
    else first?.reject(new Error(`The simulated reader refused: ${answer.error}`))
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const left of waiting.splice(0)) left.reject(new Error('The reader process has ended.'))
  })
  return {
    send(command) {
      if (socket.destroyed) return Promise.reject(new Error('The reader process has ended.'))
      const turn = Promise.withResolvers<void>()
      waiting.push(turn)
      socket.write(`${JSON.stringify(command)}\n`)
      return turn.promise
    },
    close: () => socket.destroy(),
  }
}

async function reach(path: string, deadline: number): Promise<Socket> {
  const socket = /^\d+$/.test(path) ? connect(Number(path), '127.0.0.1') : connect(path)
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    socket.destroy()
    if (Date.now() > deadline) throw error
    await pause(50)
    return reach(path, deadline)
  }
}
