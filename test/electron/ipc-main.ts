import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron'
import { createCodec } from './codec.ts'
import { Emitter } from './emitter.ts'

type Handler = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown
export type InvokeOutcome =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: string }

const codec = createCodec()

/** `ipcMain`. Handlers run as Electron runs them; errors cross as their text only. */
export class StandInIpcMain
  extends Emitter
  implements Pick<IpcMain, 'handle' | 'handleOnce' | 'removeHandler'>
{
  readonly #handlers = new Map<string, Handler>()

  constructor() {
    super('any')
  }

  handle(channel: string, listener: Handler): void {
    if (this.#handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`)
    if (typeof listener !== 'function')
      throw new TypeError(`Expected handler to be a function, but found type '${typeof listener}'`)
    this.#handlers.set(channel, listener)
  }

  handleOnce(channel: string, listener: Handler): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel)
      return listener(event, ...args)
    })
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel)
  }

  /** For the web contents: runs the handler of `channel` and says what to answer. */
  async dispatchInvoke(
    event: IpcMainInvokeEvent,
    channel: string,
    args: string,
  ): Promise<InvokeOutcome> {
    try {
      const handler = this.#handlers.get(channel)
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
      const value: unknown = await handler(event, ...(codec.decode(args) as unknown[]))
      return { ok: true, value: codec.encode(value) }
    } catch (error) {
      return { ok: false, error: String(error) }
    }
  }

  /** For the web contents: a message that expects no answer. */
  dispatchSend(event: IpcMainEvent, channel: string, args: string): void {
    this.emit(channel, event, ...(codec.decode(args) as unknown[]))
  }
}
