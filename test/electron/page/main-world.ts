import type { Codec } from '../codec.ts'
import type { createLink } from './link.ts'

/**
 * What the stand-in does in the world of the page: receives what the preload exposes, and asks
 * Electron's handlers before Chromium opens a window or uses a permission.
 *
 * Sent to the pages as source text: it must not use anything from outside itself.
 */
export const mainWorld = (options: {
  readonly codec: Codec
  readonly createLink: typeof createLink
  readonly secret: string
}): void => {
  const freeze = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    for (const inner of Object.values(value)) freeze(inner)
    return Object.freeze(value)
  }
  const link = options.createLink({
    codec: options.codec,
    secret: options.secret,
    side: 'page',
    handlers: {
      expose: (key, api) => {
        const name = String(key)
        if (name in globalThis)
          throw new Error('Cannot bind an API on top of an existing property on the window object')
        Object.defineProperty(globalThis, name, {
          value: freeze(api),
          enumerable: true,
          writable: false,
          configurable: false,
        })
      },
    },
  })

  const original = globalThis.open.bind(globalThis)
  /** The handler decides later, in another process: the caller gets what a denial gives. */
  globalThis.open = (url, target, features) => {
    const named = target === undefined || target === '' ? '_blank' : target
    if (['_self', '_top', '_parent'].includes(named)) return original(url, target, features)
    const href =
      url === undefined || url === '' ? 'about:blank' : new URL(url, document.baseURI).href
    link.send('openWindow', href, target ?? '', features ?? '')
    return null
  }

  const ask = (permission: string, details: object = {}): Promise<boolean> =>
    link.send('askPermission', permission, details) as Promise<boolean>
  const refusals: Readonly<Record<string, string>> = {
    media: 'Permission denied',
    'display-capture': 'Permission denied',
  }
  /** Replaces `owner[name]` by a function that first lets the handler decide, then goes on. */
  const before = (
    owner: object | undefined,
    name: string,
    decide: (args: readonly unknown[]) => { permission: string; details?: object } | null,
  ) => {
    const native: unknown = owner === undefined ? undefined : Reflect.get(owner, name)
    if (owner === undefined || typeof native !== 'function') return
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      async value(this: unknown, ...args: unknown[]): Promise<unknown> {
        const wish = decide(args)
        const granted = wish === null || (await ask(wish.permission, wish.details))
        // Without a camera, Chromium would not get as far as to deny it.
        if (!granted && wish.permission in refusals)
          throw new DOMException(refusals[wish.permission], 'NotAllowedError')
        // Chromium has been told the decision: it grants or denies in its own words.
        return await Reflect.apply(native, this, args)
      },
    })
  }
  const only = (permission: string) => () => ({ permission })
  if ('Notification' in globalThis) before(Notification, 'requestPermission', only('notifications'))
  if ('Clipboard' in globalThis) {
    before(Clipboard.prototype, 'read', only('clipboard-read'))
    before(Clipboard.prototype, 'readText', only('clipboard-read'))
    before(Clipboard.prototype, 'write', only('clipboard-sanitized-write'))
    before(Clipboard.prototype, 'writeText', only('clipboard-sanitized-write'))
  }
  if ('MediaDevices' in globalThis) {
    before(MediaDevices.prototype, 'getUserMedia', ([constraints]) => {
      const { audio, video } = (constraints ?? {}) as { audio?: unknown; video?: unknown }
      const mediaTypes = [...(audio ? ['audio'] : []), ...(video ? ['video'] : [])]
      return { permission: 'media', details: { mediaTypes } }
    })
    before(MediaDevices.prototype, 'getDisplayMedia', only('display-capture'))
  }
  if ('requestMIDIAccess' in Navigator.prototype)
    before(Navigator.prototype, 'requestMIDIAccess', ([wish]) => ({
      permission: (wish as { sysex?: boolean } | undefined)?.sysex === true ? 'midiSysex' : 'midi',
    }))
  if ('StorageManager' in globalThis)
    before(StorageManager.prototype, 'persist', only('persistent-storage'))
  if ('IdleDetector' in globalThis)
    before(
      Reflect.get(globalThis, 'IdleDetector') as object,
      'requestPermission',
      only('idle-detection'),
    )
  if ('Geolocation' in globalThis)
    for (const name of ['getCurrentPosition', 'watchPosition'] as const) {
      const native = Geolocation.prototype[name]
      Object.defineProperty(Geolocation.prototype, name, {
        configurable: true,
        writable: true,
        value(this: Geolocation, ...args: Parameters<typeof native>) {
          void ask('geolocation').then(() => native.apply(this, args))
          return 1
        },
      })
    }
}
