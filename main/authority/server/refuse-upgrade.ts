import type { Duplex } from 'node:stream'

/** Answers instead of a WebSocket, and closes: HTTP has let go of the connection, so nobody else would. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  const retry = status.startsWith('503') ? 'Retry-After: 1\r\n' : ''
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\n${retry}Connection: close\r\n\r\n`)
}
