import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Session } from 'electron'
import type { BrowserContext, CDPSession, Download, Page } from 'playwright-core'
import { clearings, type Clearing } from './clearing.ts'
import { StandInCookies } from './cookies.ts'
import { createEvent, Emitter } from './emitter.ts'
import { Permissions } from './permissions.ts'
import { StandInProtocol } from './protocol.ts'
import { requireReady, type Runtime } from './runtime.ts'
import { guarded } from './unsupported.ts'
import { StandInWebRequest } from './web-request.ts'

type Provided =
  | 'clearAuthCache'
  | 'clearCache'
  | 'clearCodeCaches'
  | 'clearData'
  | 'clearHostResolverCache'
  | 'clearStorageData'
  | 'closeAllConnections'
  | 'isPersistent'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setPermissionRequestHandler'

/** A partition: one browser context for the life of the application. */
export class StandInSession extends Emitter implements Pick<Session, Provided> {
  readonly partition: string
  readonly cookies: StandInCookies
  readonly protocol: StandInProtocol
  readonly webRequest: StandInWebRequest
  readonly permissions = new Permissions()
  /** Origins that any document or request of this partition has used. */
  readonly origins = new Set<string>()
  readonly #runtime: Runtime
  #context: Promise<BrowserContext> | null = null
  readonly #ownPages = new Set<Page>()
  #opening: Promise<unknown> = Promise.resolve()

  constructor(runtime: Runtime, partition: string) {
    super(['will-download', 'select-webauthn-account'])
    this.#runtime = runtime
    this.partition = partition
    this.cookies = new StandInCookies(() => this.context())
    const changed = () => {
      for (const webContents of this.#webContents()) webContents.interceptionChanged()
    }
    this.protocol = new StandInProtocol(changed)
    this.webRequest = new StandInWebRequest(changed)
  }

  #webContents() {
    return [...this.#runtime.webContents.values()].filter(({ session }) => session === this)
  }

  isPersistent(): boolean {
    return this.partition.startsWith('persist:')
  }

  #stateFile(): string {
    const name = createHash('sha256').update(this.partition).digest('hex').slice(0, 16)
    return join(this.#runtime.options.userData, 'Partitions', `${name}.json`)
  }

  /** The browser context, made at first use. */
  context(): Promise<BrowserContext> {
    this.#context ??= (async () => {
      const { size } = this.#runtime.options
      const file = this.#stateFile()
      const browser = await this.#runtime.browser
      const context = await browser.newContext({
        viewport: { ...size },
        colorScheme: this.#runtime.colorScheme(),
        ...(this.isPersistent() && existsSync(file) ? { storageState: file } : {}),
      })
      context.on('page', (page) => void this.#refuseStranger(page))
      return context
    })()
    return this.#context
  }

  /** A new page of the stand-in's own; every other page that appears is closed. */
  async newPage(): Promise<Page> {
    const context = await this.context()
    const opening = context.newPage()
    this.#opening = Promise.allSettled([this.#opening, opening])
    const page = await opening
    this.#ownPages.add(page)
    page.on('download', (download) => void this.#announce(page, download))
    page.once('close', () => this.#ownPages.delete(page))
    return page
  }

  /** What the page scripts could not stop in time, such as a form with a target. */
  async #refuseStranger(page: Page): Promise<void> {
    await this.#opening
    if (this.#ownPages.has(page)) return
    const opener = await page.opener()
    const url = page.url()
    await page.close().catch(() => undefined)
    const source = this.#webContents().find((webContents) => webContents.shows(opener))
    source?.askWindowOpen({ url, frameName: '', features: '' })
  }

  /** The listener may look; nothing is ever kept, because nobody here could be asked where. */
  async #announce(page: Page, download: Download): Promise<void> {
    const source = this.#webContents().find((webContents) => webContents.shows(page))
    const item = guarded('DownloadItem', {
      getURL: () => download.url(),
      getFilename: () => download.suggestedFilename(),
      cancel: () => undefined,
    })
    this.emit('will-download', createEvent({}), item, source)
    await download.cancel().catch(() => undefined)
  }

  /** Runs `work` with a protocol session of some page of this partition. */
  async withPage(work: (cdp: CDPSession) => Promise<void>): Promise<void> {
    const context = await this.context()
    const page = await this.newPage()
    try {
      await work(await context.newCDPSession(page))
    } finally {
      await page.close()
    }
  }

  setPermissionRequestHandler(
    handler: Parameters<Session['setPermissionRequestHandler']>[0],
  ): void {
    this.permissions.requestHandler = handler
  }

  setPermissionCheckHandler(handler: Parameters<Session['setPermissionCheckHandler']>[0]): void {
    this.permissions.checkHandler = handler
  }

  /** Accepted; no device is ever found, so it is never asked. */
  setDevicePermissionHandler(): void {}

  /** Accepted; there is no screen to capture, so it is never asked. */
  setDisplayMediaRequestHandler(): void {}

  async #clear(clearing: Clearing): Promise<void> {
    if (this.#context === null) return
    const context = await this.#context
    if (clearing.allCookies) await context.clearCookies()
    await this.withPage(async (cdp) => {
      if (clearing.httpCache) await cdp.send('Network.clearBrowserCache')
      if (clearing.storageTypes.length === 0) return
      const storageTypes = clearing.storageTypes.join(',')
      for (const origin of this.origins)
        if (clearing.concerns(origin))
          await cdp.send('Storage.clearDataForOrigin', { origin, storageTypes })
    })
  }

  async clearData(options?: Electron.ClearDataOptions): Promise<void> {
    await this.#clear(clearings.data(options))
  }

  async clearStorageData(options?: Electron.ClearStorageDataOptions): Promise<void> {
    await this.#clear(clearings.storageData(options))
  }

  async clearCache(): Promise<void> {
    await this.#clear(clearings.cache)
  }

  /** Nothing to clear: the stand-in answers no `login` event, so no password is ever kept. */
  async clearAuthCache(): Promise<void> {}

  async clearCodeCaches(): Promise<void> {
    await this.#clear(clearings.cache)
  }

  /** Chromium keeps host names for the whole browser and offers no way to forget them. */
  async clearHostResolverCache(): Promise<void> {}

  /** Chromium offers no way to close the idle connections of one partition. */
  async closeAllConnections(): Promise<void> {}

  /** At the end of the application: keeps what `persist:` promises. */
  async dispose(): Promise<void> {
    if (this.#context === null) return
    const context = await this.#context
    if (this.isPersistent()) {
      await mkdir(dirname(this.#stateFile()), { recursive: true })
      await context.storageState({ path: this.#stateFile(), indexedDB: true })
    }
    await context.close()
  }
}

/** The module `session`. */
export const createSessionModule = (runtime: Runtime) => {
  const fromPartition = (partition: string): StandInSession => {
    requireReady(runtime, 'Session can only be received when app is ready')
    const known = runtime.sessions.get(partition)
    if (known !== undefined) return known
    const session = new StandInSession(runtime, partition)
    runtime.sessions.set(partition, session)
    return session
  }
  return {
    fromPartition,
    get defaultSession() {
      return fromPartition('persist:')
    },
  }
}
