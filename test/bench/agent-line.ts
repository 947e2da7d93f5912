import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Writable } from 'node:stream'
import * as ws from 'ws'

interface Frames {
  readonly Receiver: new (options: { isServer: boolean; maxPayload: number }) => Writable
  readonly Sender: new (socket: Socket) => {
    send(data: string, options: Record<'mask' | 'fin' | 'compress' | 'binary', boolean>): void
    pong(data: Buffer, mask: boolean): void
    close(code: number, reason: string, mask: boolean, done?: () => void): void
  }
}
/** Exported, and not in its types. */
const { Receiver, Sender } = ws as unknown as Frames

/** A WebSocket over TLS to a node, of which only text frames are of interest. */
export interface AgentLine {
  send(text: string): void
  onText: (text: string) => void
  onClose: (code: number) => void
  /** Says goodbye. */
  close(): void
  /** Cuts the line. */
  terminate(): void
}

export interface LineOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Until the node has taken it, ms. */
  readonly timeout: number
}

const head = /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/

/** An agent makes one once, not for every connection. */
const secureContext = createSecureContext()

/** Nobody listens there: nothing was sent. */
export const isRefused = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'

/**
 * One process stands for thousands of computers, so a connection costs it as little as can be: the
 * handshake is whole, but nobody looks at the certificate, and no HTTP client is built
 * for the one request that opens the line. Frames are those of `ws`.
 */
export function openLine({ url, headers, timeout }: LineOptions): Promise<AgentLine> {
  const { protocol, hostname, port, host, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    const tcp = connect({ host: hostname, port: Number(port), noDelay: true })
    const socket = protocol === 'https:' ? new TLSSocket(tcp, { secureContext }) : tcp
    let closeCode = 1006
    const sender = new Sender(socket)
    const receiver = new Receiver({ isServer: false, maxPayload: 1024 * 1024 })
    const line: AgentLine = {
      send: (text) => sender.send(text, { mask: true, fin: true, compress: false, binary: false }),
      onText: () => {},
      onClose: () => {},
      close: () => sender.close(1000, '', true),
      terminate: () => socket.destroy(),
    }
    receiver.on('message', (data: Buffer) => line.onText(data.toString()))
    receiver.on('ping', (data: Buffer) => sender.pong(data, true))
    receiver.on('conclude', (code: number) => {
      closeCode = code
      sender.close(code, '', true, () => socket.end())
    })
    receiver.on('error', () => socket.destroy())
    const late = setTimeout(() => socket.destroy(), timeout)
    let answered = ''
    let fault = new Error('The line was closed.')
    const fail = (error: Error) => {
      fault = error
      socket.destroy()
    }
    socket.on('error', fail)
    tcp.on('error', fail)
    socket.on('close', () => {
      clearTimeout(late)
      reject(fault)
      line.onClose(closeCode)
    })
    socket.on('data', function answer(chunk: Buffer) {
      answered += chunk.toString('latin1')
      const [whole, status] = head.exec(answered) ?? []
      if (whole === undefined) return
      clearTimeout(late)
      if (status !== '101') return void socket.destroy()
      socket.off('data', answer)
      socket.on('data', (more: Buffer) => receiver.write(more))
      if (answered.length > whole.length)
        receiver.write(Buffer.from(answered.slice(whole.length), 'latin1'))
      resolve(line)
    })
    socket.write(
      [
        `GET ${pathname} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        '\r\n',
      ].join('\r\n'),
    )
  })
}
