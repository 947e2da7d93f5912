import type { Debugger } from 'electron'
import type { CDPSession } from 'playwright-core'
import { Emitter } from './emitter.ts'
import type { Tab } from './tab.ts'

/**
 * `webContents.debugger`: a protocol session of its own, attached until `detach`, because a virtual
 * authenticator lives as long as the session that made it.
 */
export class StandInDebugger
  extends Emitter
  implements Pick<Debugger, 'attach' | 'detach' | 'isAttached' | 'sendCommand'>
{
  readonly #tab: () => Promise<Tab>
  #session: Promise<CDPSession> | null = null

  constructor(tab: () => Promise<Tab>) {
    super(['message', 'detach'])
    this.#tab = tab
  }

  attach(): void {
    if (this.#session !== null) throw new Error('Debugger is already attached to the target')
    this.#session = this.#open()
    this.#session.catch(() => undefined)
  }

  async #open(): Promise<CDPSession> {
    const { page } = await this.#tab()
    const session = await page.context().newCDPSession(page)
    session.on('event', ({ method, params }) => {
      this.emit('message', {}, method, params ?? {}, '')
    })
    return session
  }

  isAttached(): boolean {
    return this.#session !== null
  }

  detach(): void {
    const session = this.#session
    if (session === null) return
    this.#session = null
    void session.then((open) => open.detach()).catch(() => undefined)
    this.emit('detach', {}, 'target closed')
  }

  async sendCommand(method: string, params?: object): Promise<unknown> {
    if (this.#session === null) throw new Error('No target available')
    const session = await this.#session
    return await session.send(method as 'WebAuthn.enable', params)
  }
}
