import type { Session } from 'electron'
import type { CDPSession } from 'playwright-core'
import type { Tab } from './tab.ts'
import type { StandInWebContents } from './web-contents.ts'

type RequestHandler = Exclude<Parameters<Session['setPermissionRequestHandler']>[0], null>
type CheckHandler = Exclude<Parameters<Session['setPermissionCheckHandler']>[0], null>
type PermissionType = NonNullable<
  Extract<Parameters<CDPSession['send']>[1], { permissions: unknown }>
>['permissions'][number]

/** Electron's names of permissions and Chromium's. */
const chromiumNames = {
  'background-sync': ['backgroundSync'],
  'clipboard-read': ['clipboardReadWrite'],
  'clipboard-sanitized-write': ['clipboardSanitizedWrite'],
  'display-capture': ['displayCapture'],
  geolocation: ['geolocation'],
  'idle-detection': ['idleDetection'],
  keyboardLock: ['keyboardLock'],
  'local-network': ['localNetwork', 'localNetworkAccess'],
  'loopback-network': ['loopbackNetwork'],
  media: ['audioCapture', 'videoCapture'],
  mediaKeySystem: ['protectedMediaIdentifier'],
  midi: ['midi'],
  midiSysex: ['midiSysex'],
  notifications: ['notifications'],
  'payment-handler': ['paymentHandler'],
  'persistent-storage': ['durableStorage'],
  pointerLock: ['pointerLock'],
  'screen-wake-lock': ['wakeLockScreen'],
  sensors: ['sensors'],
  'speaker-selection': ['speakerSelection'],
  'storage-access': ['storageAccess'],
  'window-management': ['windowManagement'],
} as const satisfies Readonly<Record<string, readonly PermissionType[]>>

/**
 * The permissions of one partition. Chromium is told what the check handler says when a document
 * is requested, and what the request handler says when a page asks. Without handlers everything
 * is granted, as in Electron.
 *
 * Limits: only the calls that page/main-world.ts wraps reach the request handler; USB, HID, serial
 * and Bluetooth never find a device; a changed check handler counts from the next document on.
 */
export class Permissions {
  requestHandler: RequestHandler | null = null
  checkHandler: CheckHandler | null = null

  /** Before the document of `url` runs. */
  async prepare(webContents: StandInWebContents, url: string, tab: Tab): Promise<void> {
    await this.#apply(url, tab, (permission) => this.#check(webContents, permission, url))
  }

  /** A page asks; resolves after Chromium knows the answer. */
  async request(options: {
    readonly webContents: StandInWebContents
    readonly permission: string
    readonly url: string
    readonly isMainFrame: boolean
    readonly details: Readonly<Record<string, unknown>>
    readonly tab: Tab
  }): Promise<boolean> {
    const { webContents, permission, url, isMainFrame, details, tab } = options
    const handler = this.requestHandler
    const granted = await new Promise<boolean>((resolve) => {
      if (handler === null) resolve(true)
      else
        handler(
          webContents.asElectron(),
          permission as Parameters<RequestHandler>[1],
          (answer) => resolve(answer),
          { ...details, requestingUrl: url, isMainFrame },
        )
    })
    await this.#apply(url, tab, (name) =>
      name === permission ? granted : this.#check(webContents, name, url),
    )
    return granted
  }

  #check(webContents: StandInWebContents, permission: string, url: string): boolean {
    if (this.checkHandler === null) return true
    return this.checkHandler(
      webContents.asElectron(),
      permission as Parameters<CheckHandler>[1],
      new URL(url).origin,
      { requestingUrl: url, isMainFrame: true },
    )
  }

  async #apply(
    url: string,
    { cdp, browserContextId }: Tab,
    decide: (permission: string) => boolean,
  ) {
    const { origin, protocol } = new URL(url)
    if (protocol !== 'https:' && protocol !== 'http:') return
    const permissions = Object.entries(chromiumNames).flatMap(([name, types]) =>
      decide(name) ? [...types] : [],
    )
    await cdp.send('Browser.grantPermissions', { origin, permissions, browserContextId })
  }
}
