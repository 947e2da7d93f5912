import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'

/** One open WebSocket of an agent, as far as anybody else needs to know it. */
export interface Connection {
  /** Random, of this connection only. */
  readonly id: string
  /** Whether the peer answers a ping within `ms`; a half-open connection does not. */
  alive(ms: number): Promise<boolean>
  /** `code` of RFC 6455 7.4. */
  close(code: number, reason: string): void
  onClose(listener: () => void): void
}

export function createConnection(
  client: Pick<WebSocket, 'readyState' | 'ping' | 'on' | 'off' | 'close' | 'terminate'>,
): Connection {
  return {
    id: randomBytes(16).toString('base64url'),
    alive(ms) {
      if (client.readyState !== WebSocket.OPEN) return Promise.resolve(false)
      // Of this ping only: a pong that was on its way before proves nothing.
      const asked = randomBytes(8)
      return new Promise((resolve) => {
        const settle = (alive: boolean) => {
          clearTimeout(late)
          client.off('pong', onPong)
          client.off('close', onClose)
          resolve(alive)
        }
        const onPong = (answer: Buffer) => {
          if (asked.equals(answer)) settle(true)
        }
        const onClose = () => settle(false)
        const late = setTimeout(() => settle(false), ms)
        client.on('pong', onPong)
        client.on('close', onClose)
        client.ping(asked)
      })
    },
    close(code, reason) {
      client.close(code, reason)
      // A peer that does not answer the close has no say in it.
      const force = setTimeout(() => client.terminate(), 1_000)
      client.on('close', () => clearTimeout(force))
    },
    onClose(listener) {
      client.on('close', listener)
    },
  }
}
