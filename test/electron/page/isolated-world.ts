import type { Codec } from '../codec.ts'
import type { createLink } from './link.ts'

/** What the isolated world of a frame says to the stand-in, over its binding. */
export type FrameMessage =
  | {
      readonly kind: 'invoke'
      readonly id: number
      readonly channel: string
      readonly args: string
    }
  | { readonly kind: 'send'; readonly channel: string; readonly args: string }
  | { readonly kind: 'input'; readonly type: string; readonly key: KeyInput | null }
  | {
      readonly kind: 'open'
      readonly url: string
      readonly frameName: string
      readonly features: string
    }
  | {
      readonly kind: 'permission'
      readonly id: number
      readonly permission: string
      readonly details: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'preload-error'; readonly message: string; readonly stack: string }

export interface KeyInput {
  readonly key: string
  readonly code: string
  readonly isAutoRepeat: boolean
  readonly isComposing: boolean
  readonly shift: boolean
  readonly control: boolean
  readonly alt: boolean
  readonly meta: boolean
  readonly location: number
}

/** What the stand-in says to the isolated world. */
export type HostMessage =
  | { readonly kind: 'reply'; readonly id: number; readonly ok: true; readonly value: string }
  | { readonly kind: 'reply'; readonly id: number; readonly ok: false; readonly error: string }
  | { readonly kind: 'message'; readonly channel: string; readonly args: string }
  | { readonly kind: 'permission'; readonly id: number; readonly granted: boolean }

/**
 * What the stand-in does in the isolated world of every frame: reports the user's input and wishes
 * for windows and permissions. In the main frame it also runs the preload, with the members of
 * `electron` that a sandboxed preload has.
 *
 * Sent to the pages as source text: it must not use anything from outside itself.
 */
export const isolatedWorld = (options: {
  readonly codec: Codec
  readonly createLink: typeof createLink
  readonly secret: string
  readonly binding: string
  readonly receiver: string
  readonly preload: ((...scope: readonly unknown[]) => void) | null
}): void => {
  const { codec } = options
  const scope = globalThis as unknown as Record<string, unknown>
  const isMainFrame = window.top === window
  const post = (message: FrameMessage) => {
    ;(scope[options.binding] as (text: string) => void)(JSON.stringify(message))
  }
  let count = 0
  const waiting = new Map<number, (message: HostMessage) => void>()
  const listeners = new Map<string, ((...args: unknown[]) => void)[]>()

  const ask = (permission: string, details: Readonly<Record<string, unknown>>) => {
    count += 1
    const id = count
    post({ kind: 'permission', id, permission, details })
    return new Promise<boolean>((resolve) => {
      waiting.set(id, (message) => resolve(message.kind === 'permission' && message.granted))
    })
  }
  const link = options.createLink({
    codec,
    secret: options.secret,
    side: 'preload',
    handlers: {
      openWindow: (url, frameName, features) =>
        post({
          kind: 'open',
          url: String(url),
          frameName: String(frameName),
          features: String(features),
        }),
      askPermission: (permission, details) =>
        ask(String(permission), details as Readonly<Record<string, unknown>>),
    },
  })

  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        count += 1
        const id = count
        const text = codec.encode(args)
        waiting.set(id, (message) => {
          if (message.kind !== 'reply') return
          if (message.ok) resolve(codec.decode(message.value))
          else reject(new Error(`Error invoking remote method '${channel}': ${message.error}`))
        })
        post({ kind: 'invoke', id, channel, args: text })
      }),
    send: (channel: string, ...args: unknown[]) => {
      post({ kind: 'send', channel, args: codec.encode(args) })
    },
    on: (channel: string, listener: (...args: unknown[]) => void) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
    once: (channel: string, listener: (...args: unknown[]) => void) => {
      const single = (...args: unknown[]) => {
        ipcRenderer.off(channel, single)
        listener(...args)
      }
      return ipcRenderer.on(channel, single)
    },
    off: (channel: string, listener: (...args: unknown[]) => void) => {
      const kept = [...(listeners.get(channel) ?? [])]
      const at = kept.lastIndexOf(listener)
      if (at !== -1) kept.splice(at, 1)
      listeners.set(channel, kept)
      return ipcRenderer
    },
    removeListener: (channel: string, listener: (...args: unknown[]) => void) =>
      ipcRenderer.off(channel, listener),
    removeAllListeners: (channel: string) => {
      listeners.delete(channel)
      return ipcRenderer
    },
  }
  const contextBridge = {
    exposeInMainWorld: (key: string, api: unknown) => {
      link.send('expose', key, api)
    },
  }
  const refuse = (name: string, members: object): object =>
    new Proxy(members, {
      get: (target, member) => {
        if (typeof member === 'symbol' || member in target) return Reflect.get(target, member)
        if (member === 'then' || member === '__esModule') return undefined
        throw new Error(`The stand-in for Electron does not provide ${name}.${member}.`)
      },
    })

  scope[options.receiver] = (message: HostMessage) => {
    if (message.kind === 'message') {
      const args = codec.decode(message.args) as unknown[]
      const event = { sender: ipcRenderer, ports: [] }
      for (const listener of listeners.get(message.channel) ?? [])
        try {
          listener(event, ...args)
        } catch (error) {
          reportError(error)
        }
      return
    }
    const settle = waiting.get(message.id)
    waiting.delete(message.id)
    settle?.(message)
  }

  const runPreload = (preload: (...scope: readonly unknown[]) => void) => {
    const electron = refuse('electron (preload)', {
      ipcRenderer: refuse('ipcRenderer', ipcRenderer),
      contextBridge: refuse('contextBridge', contextBridge),
    })
    const require = (name: string) => {
      if (['electron', 'electron/renderer', 'electron/common'].includes(name)) return electron
      throw new Error(`module not found: ${name}`)
    }
    const module = { exports: {} }
    const process = {
      type: 'renderer',
      platform: 'linux',
      sandboxed: true,
      contextIsolated: true,
      env: {},
      argv: [],
      versions: { electron: '45.4.1' },
    }
    try {
      preload(module.exports, require, module, process)
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      post({ kind: 'preload-error', message, stack: stack ?? '' })
    }
  }
  if (isMainFrame && location.protocol !== 'chrome-error:' && options.preload !== null)
    runPreload(options.preload)

  const keyOf = (event: KeyboardEvent): KeyInput => ({
    key: event.key,
    code: event.code,
    isAutoRepeat: event.repeat,
    isComposing: event.isComposing,
    shift: event.shiftKey,
    control: event.ctrlKey,
    alt: event.altKey,
    meta: event.metaKey,
    location: event.location,
  })
  /** Movements come by the hundred; one per tenth of a second says as much. */
  const rare = { mousemove: 'mouseMove', wheel: 'mouseWheel', touchmove: 'touchMove' }
  const each = {
    keydown: 'keyDown',
    keyup: 'keyUp',
    mousedown: 'mouseDown',
    mouseup: 'mouseUp',
    touchstart: 'touchStart',
    touchend: 'touchEnd',
  }
  let lastMove = -Infinity
  /** Chromium makes a movement of its own when the page changes under a resting pointer. */
  let lastPlace = ''
  const isStill = (event: Event) => {
    if (event.type !== 'mousemove') return false
    const { screenX, screenY, movementX, movementY } = event as MouseEvent
    const place = `${screenX},${screenY}`
    const still = place === lastPlace || (lastPlace === '' && movementX === 0 && movementY === 0)
    lastPlace = place
    return still
  }
  for (const [name, type] of Object.entries({ ...rare, ...each }))
    addEventListener(
      name,
      (event) => {
        if (!event.isTrusted || isStill(event)) return
        if (name in rare) {
          if (event.timeStamp - lastMove < 100) return
          lastMove = event.timeStamp
        }
        post({ kind: 'input', type, key: event instanceof KeyboardEvent ? keyOf(event) : null })
      },
      { capture: true, passive: true },
    )

  /** Links that would open a window: the handler decides, no window is opened. */
  addEventListener('click', (event) => {
    const link = event
      .composedPath()
      .find((node) => node instanceof HTMLAnchorElement || node instanceof HTMLAreaElement)
    if (event.defaultPrevented || link === undefined || link.href === '') return
    const target = link.target === '' ? (document.querySelector('base')?.target ?? '') : link.target
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey
    const inPlace = ['', '_self', '_top', '_parent'].includes(target) || frameNamed(target)
    if (inPlace && !elsewhere) return
    event.preventDefault()
    post({ kind: 'open', url: link.href, frameName: target, features: '' })
  })
  const frameNamed = (name: string) =>
    [...document.querySelectorAll('iframe, frame')].some(
      (frame) => frame.getAttribute('name') === name,
    )

  if (isMainFrame)
    addEventListener('DOMContentLoaded', () => {
      let last: string | null = null
      const report = () => {
        if (document.title === last) return
        last = document.title
        if (last !== '') post({ kind: 'title', title: last })
      }
      report()
      const head = document.head as HTMLHeadElement | null
      if (head !== null)
        new MutationObserver(report).observe(head, {
          childList: true,
          subtree: true,
          characterData: true,
        })
    })
}
