import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

export interface LineClient {
  /** Resolves with the answer to one command; rejects with its reason. */
  send(command: object): Promise<Record<string, unknown>>
  close(): void
}

/** Speaks JSON lines with a process on a loopback port; waits up to 15 s for it to listen. */
export async function connectLines(port: number): Promise<LineClient> {
  const socket = await reach(port, Date.now() + 15_000)
  const waiting: PromiseWithResolvers<Record<string, unknown>>[] = []
  createInterface({ input: socket }).on('line', (line) => {
    const answer = JSON.parse(line) as Record<string, unknown>
    const first = waiting.shift()
    if (answer['ok'] === true) first?.resolve(answer)
    else first?.reject(new Error(String(answer['error'])))
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const left of waiting.splice(0)) left.reject(new Error('The process has ended.'))
  })
  return {
    send(command) {
      if (socket.destroyed) return Promise.reject(new Error('The process has ended.'))
      const turn = Promise.withResolvers<Record<string, unknown>>()
      waiting.push(turn)
      socket.write(`${JSON.stringify(command)}\n`)
      return turn.promise
    },
    close: () => socket.destroy(),
  }
}

async function reach(port: number, deadline: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    socket.destroy()
    if (Date.now() > deadline) throw error
    await pause(50)
    return reach(port, deadline)
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port was given.')
  return address.port
}
