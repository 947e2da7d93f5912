import { connect, type Socket } from 'node:net'
import { pause } from '../hid/guest/suite.ts'

export interface CardOptions {
  readonly atr: string
  /** Answer to a command, hex in and out; null: none. */
  readonly answer: (command: string) => string | null
}

/**
 * A slot of the virtual reader (vsmartcard): each card that lies in it is a connection. Frames have
 * their length in front, two bytes; those of one byte are for the card's power, 04 asks for the ATR.
 */
export function createVirtualSlot({ port }: { readonly port: number }) {
  let socket: Socket | null = null
  const asked: string[] = []

  function serve(to: Socket, { atr, answer }: CardOptions) {
    let buffered = Buffer.alloc(0)
    to.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk])
      for (;;) {
        const length = buffered.length < 2 ? Infinity : buffered.readUInt16BE(0)
        if (buffered.length < 2 + length) return
        const frame = buffered.subarray(2, 2 + length)
        buffered = buffered.subarray(2 + length)
        if (length > 1) asked.push(frame.toString('hex'))
        const reply = length > 1 ? answer(frame.toString('hex')) : frame[0] === 4 ? atr : null
        if (reply !== null) send(to, reply)
      }
    })
  }

  return {
    /** Commands that cards were asked, since the last `insert`. */
    asked,
    /** The last card lay in the slot until now. */
    async insert(card: CardOptions) {
      asked.length = 0
      // The slot takes one card at a time, and is open again a moment after the last one left.
      for (let attempt = 0; ; attempt += 1) {
        const next = connect(port, '127.0.0.1')
        const open = await new Promise<boolean>((resolve) => {
          next.once('connect', () => resolve(true)).once('error', () => resolve(false))
          next.setTimeout(2_000, () => resolve(false))
        })
        next.setTimeout(0)
        if (open) {
          next.on('error', () => {})
          socket = next
          return serve(next, card)
        }
        next.destroy()
        if (attempt === 40) throw new Error(`the virtual reader does not listen at port ${port}`)
        await pause(50)
      }
    },
    remove() {
      socket?.destroy()
      socket = null
    },
    /** What a card says that kept silent. */
    say(reply: string) {
      if (socket) send(socket, reply)
    },
  }
}
export type VirtualSlot = ReturnType<typeof createVirtualSlot>

function send(to: Socket, hex: string) {
  const payload = Buffer.from(hex, 'hex')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(payload.length)
  to.write(Buffer.concat([length, payload]))
}
