import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import type { Policy } from '../../main/policy/settings.ts'
import { launchStandIn, type StandIn } from '../electron/launch.ts'
import type { SandboxSettings } from '../sandbox/index.ts'
import { openOnElectron } from './open-on-electron.ts'
import { createHand, type Hand } from './hand.ts'

export interface WardOptions {
  readonly policy?: Partial<Policy>
  readonly sandbox?: Omit<SandboxSettings, 'tray'>
  readonly colorScheme?: 'light' | 'dark'
  /** Keeps data of an earlier ward; it is not removed at the end. */
  readonly directory?: string
  /** Another application than the sandbox, that is worked in the same way. */
  readonly entry?: string
}

/** What a test needs of the application, whatever it runs on. */
export interface Host {
  readonly kind: 'stand-in' | 'electron'
  shell(): Promise<Page>
  /** Pages of application views, visible or not. */
  views(): readonly Page[]
  /** Pages of application views that may be seen now. */
  visibleViews(): Promise<readonly Page[]>
  screenshot(): Promise<Buffer>
  /** Null on Electron, whose web contents cannot be looked into from outside. */
  readonly standIn: StandIn | null
  close(): Promise<void>
}

export interface Ward {
  readonly host: Host
  readonly shell: Page
  readonly hand: Hand
  readonly directory: string
  /** The page of the application that is on the glass; waits until it is painted. */
  view(application: 'ehr' | 'imaging'): Promise<Page>
  screenshot(path: string): Promise<void>
  lanyard(...args: readonly string[]): Promise<{ code: number; output: string }>
  close(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
const sandboxEntry = join(root, 'test/sandbox/index.ts')
const titles = { ehr: /Willowbrook/, imaging: /Lumen/ }

async function openOnStandIn(
  entry: string,
  directory: string,
  options: WardOptions,
): Promise<Host> {
  const { width = 1366, height = 768 } = options.sandbox ?? {}
  const standIn = await launchStandIn({
    entry,
    userData: directory,
    size: { width, height },
    colorScheme: options.colorScheme ?? 'light',
  })
  const isView = ({ partition }: { partition: string }) => partition.startsWith('slot-')
  const pages = (visible: ReadonlySet<number> | null) =>
    standIn
      .webContents()
      .filter((contents) => isView(contents) && (visible === null || visible.has(contents.id)))
      .flatMap(({ page }) => (page ? [page] : []))
  return {
    kind: 'stand-in',
    standIn,
    async shell() {
      for (;;) {
        const found = standIn.webContents().find(({ partition }) => partition === 'shell')
        if (found?.page) return found.page
        await pause(20)
      }
    },
    views: () => pages(null),
    visibleViews: () =>
      Promise.resolve(
        pages(
          new Set(
            standIn
              .windows()
              .flatMap(({ children }) => children)
              .filter(({ visible }) => visible)
              .flatMap(({ webContentsId }) => (webContentsId === null ? [] : [webContentsId])),
          ),
        ),
      ),
    screenshot: () => standIn.screenshot(0),
    close: () => standIn.close(),
  }
}

async function readControl(directory: string): Promise<{ url: string; token: string }> {
  const end = Date.now() + 60_000
  for (;;) {
    const text = await readFile(join(directory, 'control.json'), 'utf8').catch(() => null)
    if (text) return JSON.parse(text) as { url: string; token: string }
    if (Date.now() > end) throw new Error('The sandbox did not come up within 60 s.')
    await pause(50)
  }
}

const lanyard = (...args: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'out/main/lanyard.js'), ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${out}${err}` })
    })
  })

/** Opens the sandbox, on Electron with `LANYARD_E2E=electron`, otherwise on the stand-in. */
export async function openWard(options: WardOptions = {}): Promise<Ward> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'lanyard-ward-')))
  await mkdir(directory, { recursive: true })
  await rm(join(directory, 'control.json'), { force: true })
  const settings: SandboxSettings = { tray: false, ...options.sandbox }
  await writeFile(join(directory, 'sandbox.json'), JSON.stringify(settings))
  await writeFile(join(directory, 'policy.json'), JSON.stringify(options.policy ?? {}))
  const { entry = sandboxEntry } = options
  const onElectron = process.env['LANYARD_E2E'] === 'electron'
  const host = onElectron
    ? await openOnElectron(entry, directory)
    : await openOnStandIn(entry, directory, options)
  const control = await readControl(directory)
  const shell = await host.shell()
  shell.setDefaultTimeout(30_000)

  return {
    host,
    shell,
    directory,
    hand: createHand(control),
    async view(application) {
      const end = Date.now() + 15_000
      for (;;) {
        for (const page of await host.visibleViews()) {
          const ready = await page
            .evaluate(() => [document.title, document.documentElement.dataset['ready']] as const)
            .catch(() => null)
          if (ready && titles[application].test(ready[0]) && ready[1] === 'true') return page
        }
        if (Date.now() > end) throw new Error(`The ${application} view is not on the glass.`)
        await pause(25)
      }
    },
    async screenshot(path) {
      await writeFile(path, await host.screenshot())
    },
    lanyard,
    async close() {
      await host.close()
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true })
    },
  }
}
