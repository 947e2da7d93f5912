import type { Browser, BrowserContext } from 'playwright-core'
import type { StandInApp } from './app.ts'
import type { StandInBaseWindow } from './base-window.ts'
import type { StandInIpcMain } from './ipc-main.ts'
import type { StandInSession } from './session.ts'
import type { StandInUtilityProcess } from './utility-process.ts'
import type { StandInWebContents } from './web-contents.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Rectangle extends Size {
  readonly x: number
  readonly y: number
}

export interface RuntimeOptions {
  /** Absolute path of the application's entry module. */
  readonly entry: string
  readonly argv: readonly string[]
  readonly userData: string
  readonly headless: boolean
  /** Of the one display that there is. */
  readonly size: Size
  readonly colorScheme: 'light' | 'dark'
  readonly safeStorage: 'available' | 'basic-text' | 'unavailable'
}

/** What one running application consists of; every object of the stand-in holds it. */
export interface Runtime {
  readonly options: RuntimeOptions
  /** Resolves when Chromium is up. */
  readonly browser: Promise<Browser>
  /** True from the event `ready` on. */
  ready: boolean
  readonly app: StandInApp
  readonly ipcMain: StandInIpcMain
  readonly sessions: Map<string, StandInSession>
  readonly windows: Set<StandInBaseWindow>
  /** Every web contents alive, by id. */
  readonly webContents: Map<number, StandInWebContents>
  readonly everCreated: StandInWebContents[]
  readonly utilityProcesses: Set<StandInUtilityProcess>
  /** Monotonic milliseconds of the user's last input in any web contents, or of the start. */
  lastInput: number
  /** What pages are told to prefer; `nativeTheme` changes it. */
  colorScheme(): 'light' | 'dark'
  /** A context besides all partitions, for the stand-in's own pages. */
  helperContext: Promise<BrowserContext> | null
  /** Work under way that the end of the application waits for. */
  readonly pending: Set<Promise<unknown>>
}

/** Lets the end of the application wait for `work`, whose failure is nobody's concern any more. */
export const track = (runtime: Runtime, work: Promise<unknown>): void => {
  const settled = work.catch(() => undefined)
  runtime.pending.add(settled)
  void settled.then(() => runtime.pending.delete(settled))
}

/** As Electron words it. */
export const destroyedError = (): TypeError => new TypeError('Object has been destroyed')

export const requireReady = (runtime: Runtime, message: string): void => {
  if (!runtime.ready) throw new Error(message)
}
