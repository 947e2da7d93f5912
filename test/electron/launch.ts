import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { StandInApp } from './app.ts'
import type { StandInBaseWindow } from './base-window.ts'
import { launchChromium, toFileUrl, type ChromiumSource } from './chromium.ts'
import { StandInNativeTheme } from './desktop.ts'
import { createElectron, type StandInElectron } from './electron.ts'
import { StandInIpcMain } from './ipc-main.ts'
import { importForLaunch, register, unregister } from './register.ts'
import type { Rectangle, Runtime, RuntimeOptions, Size } from './runtime.ts'
import { screenshotOf } from './screenshot.ts'
import { StandInWebContentsView, type StandInView } from './view.ts'
import type { StandInWebContents } from './web-contents.ts'

/*
 * What the stand-in cannot show, so that nobody takes its tests for more than they are:
 * - Windows, order, kiosk and focus are state; a hidden view's page goes on as if it were shown.
 * - Windows opened by pages are always denied; a form with a target may send its request first.
 * - Navigations to data:, blob: and about: addresses, WebSockets and requests of workers pass no
 *   handler; `preventDefault` on `before-input-event` comes too late.
 * - `login`, `certificate-error`, `select-client-certificate`, `select-webauthn-account`,
 *   `unresponsive` and `will-attach-webview` are never emitted: certificates that Chromium does not
 *   trust fail the load, and passkeys come from virtual authenticators.
 * - Command line switches are kept, not obeyed. safeStorage protects nothing.
 * - `require('electron')` gets the last launch; only `import` has one module per launch.
 */

export interface LaunchOptions {
  /** Path or file URL of the application's entry module. */
  readonly entry: string
  readonly argv?: readonly string[]
  /** `app.getPath('userData')`. */
  readonly userData: string
  readonly headless?: boolean
  /** Of the display, in CSS pixels. */
  readonly size?: Size
  readonly colorScheme?: 'light' | 'dark'
  readonly chromium?: ChromiumSource
  /** A Chromium that outlives this application; without it, one is started and closed with it. */
  readonly browser?: Browser
  readonly safeStorage?: RuntimeOptions['safeStorage']
}

export interface ViewState {
  readonly bounds: Rectangle
  readonly visible: boolean
  readonly backgroundColor: string | null
  /** null: a view without web contents. */
  readonly webContentsId: number | null
  /** From the lowest to the topmost. */
  readonly children: readonly ViewState[]
}

export interface WindowState extends Omit<StandInBaseWindow['inspect'], 'view'> {
  readonly children: readonly ViewState[]
}

export interface WebContentsState {
  readonly id: number
  readonly page: Page | null
  readonly partition: string
  readonly webPreferences: Electron.WebPreferences
  readonly url: string
  readonly webContents: StandInWebContents
}

export interface StandIn {
  readonly browser: Browser
  /** The module `electron` that the application got. */
  readonly electron: StandInElectron
  /** What the entry module exports. */
  readonly entry: unknown
  windows(): readonly WindowState[]
  /** Every web contents alive. */
  webContents(): readonly WebContentsState[]
  /** Every web contents ever created, also the destroyed ones. */
  everCreated(): readonly Omit<WebContentsState, 'page'>[]
  page(id: number): Page
  /** PNG of a window as the user sees it. */
  screenshot(windowIndex?: number): Promise<Buffer>
  /** Resolves with the exit code when the application has ended and released everything. */
  readonly exited: Promise<number>
  /** Quits as a user would, then ends what is left. */
  close(): Promise<void>
}

let launches = 0

/** Starts an application on the stand-in; resolves when its entry has run and `ready` was emitted. */
export const launchStandIn = async (options: LaunchOptions): Promise<StandIn> => {
  launches += 1
  const launch = String(launches)
  const entry = toFileUrl(options.entry)
  const headless = options.headless ?? true
  const { chromium: source } = options
  const browserStart =
    options.browser === undefined
      ? launchChromium({ headless, ...(source === undefined ? {} : { source }) })
      : Promise.resolve(options.browser)
  const { runtime, electron } = createRuntime(
    {
      entry: fileURLToPath(entry),
      argv: options.argv ?? [],
      userData: options.userData,
      headless,
      size: options.size ?? { width: 1280, height: 800 },
      colorScheme: options.colorScheme ?? 'light',
      safeStorage: options.safeStorage ?? 'available',
    },
    browserStart,
  )
  register(launch, electron)

  const end = async (): Promise<void> => {
    for (const child of runtime.utilityProcesses) child.kill()
    for (const webContents of runtime.webContents.values()) webContents.close()
    while (runtime.pending.size > 0) await Promise.all(runtime.pending)
    await Promise.allSettled([...runtime.sessions.values()].map((session) => session.dispose()))
    await (await runtime.helperContext)?.close()
    unregister(launch)
    if (options.browser === undefined) await (await browserStart).close()
  }
  const exited = runtime.app.exited.then(async (code) => {
    await end()
    return code
  })

  try {
    const imported = importForLaunch(launch, entry)
    const [browser] = await Promise.all([
      browserStart,
      Promise.race([imported, runtime.app.awaited]),
    ])
    runtime.app.becomeReady()
    return createStandIn({ runtime, electron, browser, entry: await imported, exited })
  } catch (error) {
    runtime.app.exit(1)
    await exited.catch(() => undefined)
    throw error
  }
}

const createRuntime = (options: RuntimeOptions, browser: Promise<Browser>) => {
  const app: StandInApp = new StandInApp(options, () => runtime)
  const runtime: Runtime = {
    options,
    browser,
    ready: false,
    app,
    ipcMain: new StandInIpcMain(),
    sessions: new Map(),
    windows: new Set(),
    webContents: new Map(),
    everCreated: [],
    utilityProcesses: new Set(),
    lastInput: performance.now(),
    colorScheme: () => nativeTheme.colorScheme,
    helperContext: null,
    pending: new Set(),
  }
  const nativeTheme = new StandInNativeTheme(runtime)
  return { runtime, electron: createElectron(runtime, nativeTheme) }
}

const stateOf = (view: StandInView): ViewState => ({
  bounds: view.getBounds(),
  visible: view.getVisible(),
  backgroundColor: view.backgroundColor,
  webContentsId: view instanceof StandInWebContentsView ? view.webContents.id : null,
  children: view.children.map(stateOf),
})

const webContentsState = (webContents: StandInWebContents): WebContentsState => ({
  id: webContents.id,
  page: webContents.currentPage,
  partition: webContents.session.partition,
  webPreferences: webContents.getLastWebPreferences(),
  url: webContents.isDestroyed() ? '' : webContents.getURL(),
  webContents,
})

const createStandIn = (parts: {
  readonly runtime: Runtime
  readonly electron: StandInElectron
  readonly browser: Browser
  readonly entry: unknown
  readonly exited: Promise<number>
}): StandIn => {
  const { runtime, electron, browser, entry, exited } = parts
  return {
    browser,
    electron,
    entry,
    windows: () =>
      [...runtime.windows].map((window) => {
        const { view, ...state } = window.inspect
        return { ...state, children: view.children.map(stateOf) }
      }),
    webContents: () => [...runtime.webContents.values()].map(webContentsState),
    everCreated: () => runtime.everCreated.map(webContentsState),
    page: (id) => {
      const page = runtime.webContents.get(id)?.currentPage
      if (page === undefined || page === null)
        throw new Error(`There is no page of web contents ${id} (yet, or any more).`)
      return page
    },
    screenshot: async (windowIndex = 0) => {
      const window = [...runtime.windows][windowIndex]
      if (window === undefined) throw new Error(`There is no window ${windowIndex}.`)
      return await screenshotOf(runtime, window.contentView, window.getContentBounds())
    },
    exited,
    close: async () => {
      runtime.app.quit()
      // Whoever prevented the end has had a moment to finish what it began.
      const patience = setTimeout(() => runtime.app.exit(0), 10_000)
      await exited
      clearTimeout(patience)
    },
  }
}
