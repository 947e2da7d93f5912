import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { WebContents, WebPreferences } from 'electron'
import type { CDPSession, Page } from 'playwright-core'
import { createCodec } from './codec.ts'
import { StandInDebugger } from './debugger.ts'
import { createEvent, Emitter } from './emitter.ts'
import { intercept, pausePatterns } from './interception.ts'
import { loadError, netError } from './net-errors.ts'
import type { FrameMessage } from './page/isolated-world.ts'
import { destroyedError, track, type Rectangle, type Runtime, type Size } from './runtime.ts'
import type { StandInSession } from './session.ts'
import { openTab, type Frame, type Tab, type TabEvents } from './tab.ts'
import { UnsupportedError } from './unsupported.ts'
import { webFrameOf } from './web-frame.ts'

type Provided =
  | 'id'
  | 'loadURL'
  | 'reload'
  | 'getURL'
  | 'getTitle'
  | 'send'
  | 'mainFrame'
  | 'setWindowOpenHandler'
  | 'close'
  | 'focus'
  | 'isDestroyed'
  | 'isCrashed'
  | 'forcefullyCrashRenderer'
  | 'capturePage'

const events = [
  'before-input-event',
  'certificate-error',
  'destroyed',
  'did-fail-load',
  'did-finish-load',
  'did-navigate',
  'did-navigate-in-page',
  'did-start-loading',
  'did-stop-loading',
  'dom-ready',
  'input-event',
  'ipc-message',
  'login',
  'page-title-updated',
  'preload-error',
  'render-process-gone',
  'responsive',
  'select-client-certificate',
  'unresponsive',
  'will-attach-webview',
  'will-frame-navigate',
  'will-navigate',
  'will-prevent-unload',
  'will-redirect',
] as const

const codec = createCodec()
const bare = (url: string) => url.replace(/#.*$/s, '')
let lastId = 0

/** The contents of one view: a page of Chromium, replaced by a fresh one after a crash. */
export class StandInWebContents extends Emitter implements Pick<WebContents, Provided> {
  readonly id: number
  readonly session: StandInSession
  readonly debugger: StandInDebugger
  readonly #runtime: Runtime
  readonly #webPreferences: WebPreferences
  #opening: Promise<Tab>
  #tab: Tab | null = null
  #size: Size | null = null
  #destroyed = false
  #crashed = false
  #url = ''
  #title = ''
  #failed = false
  #lastFailure = 'net::ERR_FAILED'
  #lastAnswer = { status: 200, statusText: 'OK' }
  /** The next document request of the main frame that is ours, not the page's. */
  #expected: string | null = null
  #load: { resolve(): void; reject(error: Error): void } | null = null
  #windowOpenHandler: Parameters<WebContents['setWindowOpenHandler']>[0] | null = null

  constructor(runtime: Runtime, session: StandInSession, webPreferences: WebPreferences) {
    super(events)
    refuseUnsafe(webPreferences)
    lastId += 1
    this.id = lastId
    this.session = session
    this.#runtime = runtime
    this.#webPreferences = { ...webPreferences }
    this.debugger = new StandInDebugger(() => this.#opening)
    runtime.webContents.set(this.id, this)
    runtime.everCreated.push(this)
    this.#opening = this.#open()
    this.#opening.catch(() => undefined)
  }

  async #open(): Promise<Tab> {
    const { preload } = this.#webPreferences
    const source = preload === undefined ? null : await readFile(preload, 'utf8')
    const tab = await openTab({ session: this.session, preload: source, events: this.#tabEvents })
    this.#tab = tab
    this.#crashed = false
    await tab.cdp.send('Fetch.enable', { patterns: pausePatterns(this) })
    if (this.#size !== null) await tab.page.setViewportSize({ ...this.#size })
    if (this.#destroyed) await tab.page.close()
    return tab
  }

  /** The page to work with: a fresh one when the last one has crashed. */
  async #usable(): Promise<Tab> {
    const tab = await this.#opening
    if (!this.#crashed) return tab
    this.debugger.detach()
    this.#opening = this.#open()
    const fresh = await this.#opening
    track(this.#runtime, tab.page.close())
    return fresh
  }

  readonly #tabEvents: TabEvents = {
    paused: (tab, request) => void intercept(this, tab, request),
    message: (tab, frame, message) => this.#onMessage(tab, frame, message),
    navigated: (_, frame, failed) => this.#onNavigated(frame, failed),
    navigatedInPage: (_, url, isMainFrame) => {
      if (isMainFrame) this.#url = url
      this.emit('did-navigate-in-page', createEvent({}), url, isMainFrame, 0, 0)
    },
    documentFailed: (_, errorText) => {
      this.#lastFailure = errorText
    },
    documentAnswered: (status, statusText) => {
      this.#lastAnswer = { status, statusText }
    },
    domReady: () => {
      if (!this.#failed) this.emit('dom-ready', createEvent({}))
    },
    loaded: () => {
      if (this.#failed) return
      this.emit('did-finish-load', createEvent({}))
      this.emit('did-stop-loading', createEvent({}))
      this.#load?.resolve()
    },
    crashed: (tab) => {
      if (tab !== this.#tab || this.#destroyed) return
      this.#crashed = true
      this.#load?.reject(loadError('ERR_FAILED', this.#url))
      const details = { reason: 'crashed', exitCode: 5 }
      this.emit('render-process-gone', createEvent({}), details)
      this.#runtime.app.emit('render-process-gone', createEvent({}), this, details)
    },
    closed: (tab) => {
      if (tab === this.#tab && !this.#crashed) this.#destroy()
    },
  }

  #onNavigated(frame: Frame, failed: string | null) {
    this.#failed = failed !== null
    this.#url = failed ?? frame.url
    this.#title = ''
    if (failed === null) {
      const { status, statusText } = this.#lastAnswer
      this.emit('did-navigate', createEvent({}), this.#url, status, statusText)
      return
    }
    const { code, errno } = netError(this.#lastFailure)
    this.emit('did-fail-load', createEvent({}), errno, code, failed, true, 0, 0)
    this.emit('did-stop-loading', createEvent({}))
    this.#load?.reject(loadError(code, failed))
  }

  #onMessage(tab: Tab, frame: Frame, message: FrameMessage) {
    const senderFrame = webFrameOf(tab, frame.id)
    const event = {
      type: 'frame',
      sender: this.asElectron(),
      senderFrame,
      processId: 0,
      frameId: 0,
    }
    switch (message.kind) {
      case 'invoke': {
        const { id, channel, args } = message
        void this.#runtime.ipcMain
          .dispatchInvoke(event as Electron.IpcMainInvokeEvent, channel, args)
          .then((outcome) => tab.post({ kind: 'reply', id, ...outcome }, frame.id))
        return
      }
      case 'send': {
        const { channel, args } = message
        const withReply = {
          ...event,
          ports: [],
          reply: (to: string, ...values: unknown[]) => this.send(to, ...values),
        }
        this.#runtime.ipcMain.dispatchSend(
          withReply as unknown as Electron.IpcMainEvent,
          channel,
          args,
        )
        return
      }
      case 'input':
        this.#runtime.lastInput = performance.now()
        if (message.key !== null)
          this.emit('before-input-event', createEvent({}), {
            type: message.type,
            ...message.key,
            modifiers: [],
          })
        this.emit('input-event', createEvent({}), { type: message.type, modifiers: [] })
        return
      case 'open':
        this.askWindowOpen(message)
        return
      case 'permission': {
        const { id, permission, details } = message
        void this.session.permissions
          .request({
            webContents: this,
            permission,
            url: frame.url,
            isMainFrame: frame.id === tab.mainFrameId,
            details,
            tab,
          })
          .then((granted) => tab.post({ kind: 'permission', id, granted }, frame.id))
          .catch((error: unknown) => console.error('A permission handler failed', error))
        return
      }
      case 'title':
        this.#title = message.title
        this.emit('page-title-updated', createEvent({}), message.title, true)
        return
      default: {
        const { message: text, stack } = message
        const error = Object.assign(new Error(text), { stack })
        console.error(`Unable to load preload script: ${this.#webPreferences.preload}`, error)
        this.emit('preload-error', createEvent({}), this.#webPreferences.preload, error)
      }
    }
  }

  /** For the interception: tells the listeners of a navigation and whether all let it pass. */
  mayNavigate(navigation: {
    readonly tab: Tab
    readonly url: string
    readonly frameId: string
    readonly isMainFrame: boolean
    readonly isRedirect: boolean
  }): boolean {
    const { tab, url, frameId, isMainFrame, isRedirect } = navigation
    const details = { url, isMainFrame, isSameDocument: false, isInPlace: false, initiator: null }
    const ask = (name: string) => {
      const event = createEvent({ ...details, frame: webFrameOf(tab, frameId) })
      this.emit(name, event, url, false, isMainFrame, 0, 0)
      return !event.defaultPrevented
    }
    if (isRedirect) return ask('will-redirect')
    if (isMainFrame && this.#expected !== null && this.#expected === bare(url)) {
      this.#expected = null
      return true
    }
    if (!ask('will-frame-navigate')) return false
    return !isMainFrame || ask('will-navigate')
  }

  /** For the page scripts and the session: a page wants a window. */
  askWindowOpen(wish: {
    readonly url: string
    readonly frameName: string
    readonly features: string
  }): void {
    const { url, frameName, features } = wish
    const details = { url, frameName, features, disposition: 'foreground-tab' as const }
    const referrer = { url: this.#url, policy: 'strict-origin-when-cross-origin' as const }
    const answer = this.#windowOpenHandler?.({ ...details, referrer })
    if (answer?.action === 'deny') return
    console.error(new UnsupportedError('a window opened by a page: set a handler that denies'))
  }

  shows(page: Page | null): boolean {
    return page !== null && this.#tab?.page === page
  }

  /** For the session, when a handler comes or goes. */
  interceptionChanged(): void {
    const tab = this.#tab
    if (tab === null || this.#destroyed || this.#crashed) return
    const patterns = pausePatterns(this)
    track(this.#runtime, tab.cdp.send('Fetch.enable', { patterns }))
  }

  /** For the view: its size in CSS pixels. An empty view keeps its last size. */
  resize({ width, height }: Rectangle): void {
    if (width < 1 || height < 1) return
    if (this.#size?.width === width && this.#size.height === height) return
    this.#size = { width, height }
    const tab = this.#tab
    if (tab !== null && !this.#destroyed && !this.#crashed)
      track(this.#runtime, tab.page.setViewportSize({ width, height }))
  }

  /** For the view. Chromium has no hidden pages without a window manager: headless, this is state. */
  shown(visible: boolean): void {
    if (this.#runtime.options.headless) return
    track(
      this.#runtime,
      this.#opening.then(({ cdp }) => showWindow(cdp, visible)),
    )
  }

  /** Resolves when the page is there; for the tests and the screenshot. */
  async page(): Promise<Page> {
    return (await this.#opening).page
  }

  /** The page as far as it is there. */
  get currentPage(): Page | null {
    return this.#tab?.page ?? null
  }

  asElectron(): WebContents {
    return this as unknown as WebContents
  }

  #alive() {
    if (this.#destroyed) throw destroyedError()
  }

  get mainFrame(): Electron.WebFrameMain {
    this.#alive()
    const blank = { id: '', parentId: null, name: '', url: '', origin: '' }
    const tab = this.#tab
    if (tab !== null) return webFrameOf(tab, tab.mainFrameId)
    return webFrameOf({ mainFrameId: '', frame: () => blank }, '')
  }

  loadURL(url: string): Promise<void> {
    this.#alive()
    if (!URL.canParse(url)) return Promise.reject(loadError('ERR_INVALID_URL', url))
    return this.#navigate(url, async (tab) => {
      const { errorText, loaderId } = await tab.cdp.send('Page.navigate', { url })
      if (errorText === 'net::ERR_ABORTED') throw loadError(errorText, url)
      // Any other failure shows an error page, and that rejects.
      if (errorText !== undefined) this.#lastFailure = errorText
      return loaderId === undefined ? 'same-document' : 'new-document'
    })
  }

  reload(): void {
    this.#alive()
    const work = this.#navigate(this.#url, async (tab) => {
      if (tab.page.url() === 'about:blank') await tab.cdp.send('Page.navigate', { url: this.#url })
      else await tab.cdp.send('Page.reload')
      return 'new-document'
    })
    track(this.#runtime, work)
  }

  async #navigate(
    url: string,
    start: (tab: Tab) => Promise<'same-document' | 'new-document'>,
  ): Promise<void> {
    const tab = await this.#usable()
    this.#alive()
    this.#load?.reject(loadError('ERR_ABORTED', url))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => undefined)
    const load = { resolve, reject }
    this.#load = load
    this.#expected = bare(new URL(url).href)
    this.emit('did-start-loading', createEvent({}))
    try {
      if ((await start(tab)) === 'new-document') await promise
    } finally {
      if (this.#load === load) {
        this.#load = null
        this.#expected = null
      }
    }
  }

  getURL(): string {
    this.#alive()
    return this.#url
  }

  getTitle(): string {
    this.#alive()
    return this.#title === '' ? this.#url : this.#title
  }

  send(channel: string, ...args: unknown[]): void {
    this.#alive()
    if (typeof channel !== 'string') throw new TypeError('Missing required channel argument')
    this.#tab?.post({ kind: 'message', channel, args: codec.encode(args) })
  }

  setWindowOpenHandler(handler: Parameters<WebContents['setWindowOpenHandler']>[0]): void {
    this.#alive()
    this.#windowOpenHandler = handler
  }

  focus(): void {
    this.#alive()
    const page = this.#tab?.page
    if (page !== undefined && !this.#runtime.options.headless)
      track(this.#runtime, page.bringToFront())
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  isCrashed(): boolean {
    return this.#crashed
  }

  forcefullyCrashRenderer(): void {
    this.#alive()
    track(
      this.#runtime,
      this.#opening.then(({ cdp }) => cdp.send('Page.crash')),
    )
  }

  async capturePage(): Promise<Electron.NativeImage> {
    this.#alive()
    const page = await this.page()
    const png = await page.screenshot()
    const size = page.viewportSize() ?? { width: 0, height: 0 }
    const image = { toPNG: () => png, getSize: () => size, isEmpty: () => png.length === 0 }
    return image as unknown as Electron.NativeImage
  }

  /** Electron has it too; its declarations do not. */
  getLastWebPreferences(): WebPreferences {
    return {
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      sandbox: true,
      webSecurity: true,
      webviewTag: false,
      ...this.#webPreferences,
    }
  }

  close(): void {
    if (this.#destroyed) return
    this.#destroy()
    track(
      this.#runtime,
      this.#opening.then(({ page }) => page.close()),
    )
  }

  #destroy() {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#runtime.webContents.delete(this.id)
    this.#load?.reject(loadError('ERR_ABORTED', this.#url))
    this.debugger.detach()
    setImmediate(() => this.emit('destroyed', createEvent({})))
  }
}

const showWindow = async (cdp: CDPSession, visible: boolean): Promise<void> => {
  const { windowId } = await cdp.send('Browser.getWindowForTarget')
  const windowState = visible ? 'normal' : 'minimized'
  await cdp.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
}

const refuseUnsafe = (preferences: WebPreferences): void => {
  const refused = Object.entries({
    contextIsolation: preferences.contextIsolation === false,
    nodeIntegration: preferences.nodeIntegration === true,
    nodeIntegrationInSubFrames: preferences.nodeIntegrationInSubFrames === true,
    sandbox: preferences.sandbox === false,
    webSecurity: preferences.webSecurity === false,
    webviewTag: preferences.webviewTag === true,
  }).find(([, used]) => used)
  if (refused !== undefined)
    throw new UnsupportedError(`webPreferences.${refused[0]} set against its safe default`)
  if (preferences.preload !== undefined && !isAbsolute(preferences.preload))
    throw new Error(`preload script must have absolute path: ${preferences.preload}`)
}
