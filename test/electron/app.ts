import { mkdirSync, readFileSync, writeFileSync, rmSync, existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { App } from 'electron'
import { createEvent, Emitter, type Listener } from './emitter.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'
import { guarded } from './unsupported.ts'

type Provided =
  | 'enableSandbox'
  | 'exit'
  | 'getAppPath'
  | 'getName'
  | 'getPath'
  | 'getVersion'
  | 'isPackaged'
  | 'isReady'
  | 'quit'
  | 'relaunch'
  | 'releaseSingleInstanceLock'
  | 'requestSingleInstanceLock'
  | 'setName'
  | 'whenReady'

const events = [
  'activate',
  'before-quit',
  'certificate-error',
  'child-process-gone',
  'login',
  'quit',
  'ready',
  'render-process-gone',
  'second-instance',
  'select-client-certificate',
  'session-created',
  'web-contents-created',
  'will-finish-launching',
  'will-quit',
  'window-all-closed',
] as const

/** Applications of this process that hold their lock, by user data folder. */
const lockHolders = new Map<string, StandInApp>()

/** `app`. */
export class StandInApp extends Emitter implements Pick<App, Provided> {
  readonly isPackaged = false
  readonly #options: RuntimeOptions
  readonly #runtime: () => Runtime
  readonly #ready = Promise.withResolvers<void>()
  readonly #awaited = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<number>()
  readonly #appPath: string
  readonly #manifest: { readonly name?: string; readonly version?: string }
  readonly #switches = new Map<string, string>()
  #name: string
  #quitting = false
  #relaunches = false
  #exitCode: number | null = null

  constructor(options: RuntimeOptions, runtime: () => Runtime) {
    super(events)
    this.#options = options
    this.#runtime = runtime
    this.#appPath = folderOfManifest(dirname(options.entry))
    const manifest = join(this.#appPath, 'package.json')
    this.#manifest = existsSync(manifest)
      ? (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string })
      : {}
    this.#name = this.#manifest.name ?? 'Electron'
  }

  /** Resolves with the exit code when the application has ended; for the launcher. */
  get exited(): Promise<number> {
    return this.#exited.promise
  }

  /** Called once by the launcher, when Chromium is up. */
  becomeReady(): void {
    if (this.#exitCode !== null) return
    this.#runtime().ready = true
    this.#ready.resolve()
    this.emit('ready', {}, {})
  }

  /** Resolves when the entry waits for `ready`: not before may it be emitted. */
  get awaited(): Promise<void> {
    return this.#awaited.promise
  }

  override on(event: string, listener: Listener): this {
    if (event === 'ready') this.#awaited.resolve()
    return super.on(event, listener)
  }

  override once(event: string, listener: Listener): this {
    if (event === 'ready') this.#awaited.resolve()
    return super.once(event, listener)
  }

  whenReady(): Promise<void> {
    this.#awaited.resolve()
    return this.#ready.promise
  }

  isReady(): boolean {
    return this.#runtime().ready
  }

  readonly commandLine = guarded('CommandLine', {
    /** Kept as state: Chromium's own switches are the launcher's business. */
    appendSwitch: (name: string, value = '') => {
      this.#switches.set(name, value)
    },
    hasSwitch: (name: string) => this.#switches.has(name),
    getSwitchValue: (name: string) => this.#switches.get(name) ?? '',
  })

  /** Every renderer here has Chromium's isolation or none at all; only the order is checked. */
  enableSandbox(): void {
    if (this.isReady())
      throw new Error('app.enableSandbox() can only be called before app is ready')
  }

  getName(): string {
    return this.#name
  }

  setName(name: string): void {
    this.#name = name
  }

  getVersion(): string {
    return this.#manifest.version ?? '45.4.1'
  }

  getAppPath(): string {
    return this.#appPath
  }

  getPath(name: Parameters<App['getPath']>[0]): string {
    const { userData, entry } = this.#options
    const paths: Readonly<Record<string, string>> = {
      home: homedir(),
      temp: tmpdir(),
      appData: dirname(userData),
      userData,
      sessionData: userData,
      logs: join(userData, 'logs'),
      crashDumps: join(userData, 'Crashpad'),
      exe: process.execPath,
      module: entry,
    }
    const path = paths[name]
    if (path === undefined) throw new Error(`Failed to get '${name}' path`)
    return path
  }

  #lockFile(): string {
    return join(this.#options.userData, 'SingletonLock.json')
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    const { userData, argv } = this.#options
    const holder = lockHolders.get(userData)
    if (holder === this) return true
    if (holder !== undefined) {
      holder.emit('second-instance', {}, [...argv], process.cwd(), additionalData ?? {})
      return false
    }
    if (heldByAnotherProcess(this.#lockFile())) return false
    mkdirSync(userData, { recursive: true })
    writeFileSync(this.#lockFile(), JSON.stringify({ pid: process.pid }))
    lockHolders.set(userData, this)
    return true
  }

  releaseSingleInstanceLock(): void {
    if (lockHolders.get(this.#options.userData) !== this) return
    lockHolders.delete(this.#options.userData)
    rmSync(this.#lockFile(), { force: true })
  }

  /** For the windows: the last one has gone. */
  windowClosed(): void {
    const { windows } = this.#runtime()
    if (windows.size > 0 || this.#exitCode !== null) return
    if (this.#quitting) this.#willQuit()
    else if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed')
    else this.quit()
  }

  quit(): void {
    if (this.#exitCode !== null) return
    const event = createEvent({})
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    this.#quitting = true
    const windows = [...this.#runtime().windows]
    for (const window of windows) if (!window.isDestroyed()) window.close()
    // A window that stays open ends the attempt, as in Electron.
    if (this.#runtime().windows.size > 0) this.#quitting = false
    else if (windows.length === 0) this.#willQuit()
  }

  #willQuit() {
    if (this.#exitCode !== null) return
    const event = createEvent({})
    this.emit('will-quit', event)
    if (event.defaultPrevented) this.#quitting = false
    else this.#end(0)
  }

  /** Only remembered: whoever launched it may ask, and launch it again. */
  relaunch(): void {
    this.#relaunches = true
  }

  get relaunches(): boolean {
    return this.#relaunches
  }

  /** Ends at once, without asking anyone; never ends the process of the tests. */
  exit(exitCode = 0): void {
    if (this.#exitCode === null) this.#end(exitCode)
  }

  #end(exitCode: number) {
    this.#exitCode = exitCode
    for (const window of this.#runtime().windows) window.destroy()
    this.emit('quit', {}, exitCode)
    this.releaseSingleInstanceLock()
    this.#exited.resolve(exitCode)
  }
}

const folderOfManifest = (folder: string): string => {
  if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(folder) === folder ? folder : folderOfManifest(dirname(folder))
}

const heldByAnotherProcess = (file: string): boolean => {
  try {
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number }
    if (pid === process.pid) return false
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
