import { randomBytes } from 'node:crypto'
import type { CDPSession, Page } from 'playwright-core'
import type { FrameMessage, HostMessage } from './page/isolated-world.ts'
import { bindingName, pageScripts, receiverName, worldName } from './page/scripts.ts'
import type { StandInSession } from './session.ts'

/** A frame of a tab, as the browser last reported it. */
export interface Frame {
  readonly id: string
  readonly parentId: string | null
  readonly name: string
  readonly url: string
  readonly origin: string
}

/** A request that Chromium paused, at its start or (`responseStatusCode` set) at its answer. */
export interface Paused {
  readonly requestId: string
  readonly frameId: string
  readonly resourceType: string
  readonly redirectedRequestId?: string
  readonly responseStatusCode?: number
  readonly responseStatusText?: string
  readonly responseErrorReason?: string
  readonly responseHeaders?: readonly { readonly name: string; readonly value: string }[]
  readonly request: {
    readonly url: string
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly hasPostData?: boolean
    readonly postDataEntries?: readonly { readonly bytes?: string }[]
  }
}

export interface TabEvents {
  paused(tab: Tab, request: Paused): void
  message(tab: Tab, frame: Frame, message: FrameMessage): void
  /** The main frame shows another document; `failed`: an error page instead of `url`. */
  navigated(tab: Tab, frame: Frame, failed: string | null): void
  navigatedInPage(tab: Tab, url: string, isMainFrame: boolean): void
  documentFailed(loaderId: string, errorText: string): void
  documentAnswered(status: number, statusText: string): void
  domReady(): void
  loaded(): void
  crashed(tab: Tab): void
  closed(tab: Tab): void
}

/** A page of Chromium with the stand-in's scripts in it. */
export interface Tab {
  readonly page: Page
  readonly cdp: CDPSession
  readonly mainFrameId: string
  /** Of the partition. */
  readonly browserContextId: string
  frame(id: string): Frame | undefined
  /** Delivers to the isolated world of the main frame, in order; false when it has none. */
  post(message: HostMessage, frameId?: string): boolean
}

/** Opens a page in `session` whose every document gets the page scripts. */
export const openTab = async (options: {
  readonly session: StandInSession
  readonly preload: string | null
  readonly events: TabEvents
}): Promise<Tab> => {
  const { session, preload, events } = options
  const page = await session.newPage()
  const cdp = await page.context().newCDPSession(page)
  const [{ frameTree }, { targetInfo }] = await Promise.all([
    cdp.send('Page.getFrameTree'),
    cdp.send('Target.getTargetInfo'),
  ])
  const mainFrameId = frameTree.frame.id
  const frames = new Map<string, Frame>()
  /** Execution contexts of the isolated worlds. */
  const worlds = new Map<number, string>()
  const worldOf = new Map<string, number>()

  const tab: Tab = {
    page,
    cdp,
    mainFrameId,
    browserContextId: targetInfo.browserContextId ?? '',
    frame: (id) => frames.get(id),
    post: (message, frameId = mainFrameId) => {
      const contextId = worldOf.get(frameId)
      if (contextId === undefined) return false
      const expression = `${receiverName}(${JSON.stringify(message)})`
      // The document may go away meanwhile, and with it whoever waits.
      cdp.send('Runtime.evaluate', { contextId, expression }).catch(() => undefined)
      return true
    },
  }
  const remember = (frame: {
    id: string
    parentId?: string
    name?: string
    url: string
    urlFragment?: string
    securityOrigin: string
  }): Frame => {
    const { id, parentId, name, securityOrigin } = frame
    const url = `${frame.url}${frame.urlFragment ?? ''}`
    const remembered = {
      id,
      parentId: parentId ?? null,
      name: name ?? '',
      url,
      origin: securityOrigin.replace(/\/$/, ''),
    }
    frames.set(id, remembered)
    return remembered
  }
  remember(frameTree.frame)

  cdp.on('Runtime.executionContextCreated', ({ context }) => {
    const aux = context.auxData as { frameId?: string } | undefined
    if (context.name !== worldName || aux?.frameId === undefined) return
    worlds.set(context.id, aux.frameId)
    worldOf.set(aux.frameId, context.id)
  })
  cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
    const frameId = worlds.get(executionContextId)
    worlds.delete(executionContextId)
    if (frameId !== undefined && worldOf.get(frameId) === executionContextId)
      worldOf.delete(frameId)
  })
  cdp.on('Runtime.executionContextsCleared', () => {
    worlds.clear()
    worldOf.clear()
  })
  cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
    const frameId = worlds.get(executionContextId)
    const frame = frameId === undefined ? undefined : frames.get(frameId)
    if (name !== bindingName || frame === undefined) return
    events.message(tab, frame, JSON.parse(payload) as FrameMessage)
  })
  cdp.on('Page.frameAttached', ({ frameId, parentFrameId }) => {
    remember({ id: frameId, parentId: parentFrameId, url: 'about:blank', securityOrigin: '://' })
  })
  cdp.on('Page.frameDetached', ({ frameId, reason }) => {
    if (reason === 'remove') frames.delete(frameId)
  })
  cdp.on('Page.frameNavigated', ({ frame }) => {
    const remembered = remember(frame)
    if (frame.id !== mainFrameId) return
    events.navigated(tab, remembered, frame.unreachableUrl ?? null)
  })
  cdp.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
    const known = frames.get(frameId)
    if (known === undefined) return
    frames.set(frameId, { ...known, url })
    events.navigatedInPage(tab, url, frameId === mainFrameId)
  })
  cdp.on('Network.loadingFailed', ({ requestId, type, errorText }) => {
    if (type === 'Document') events.documentFailed(requestId, errorText)
  })
  cdp.on('Network.responseReceived', ({ type, frameId, response }) => {
    if (type === 'Document' && frameId === mainFrameId)
      events.documentAnswered(response.status, response.statusText)
  })
  cdp.on('Page.domContentEventFired', () => events.domReady())
  cdp.on('Page.loadEventFired', () => events.loaded())
  cdp.on('Fetch.requestPaused', (request) => events.paused(tab, request))
  cdp.on('Inspector.targetCrashed', () => events.crashed(tab))
  page.once('close', () => events.closed(tab))

  const scripts = pageScripts({ secret: randomBytes(16).toString('hex'), preload })
  await Promise.all([
    cdp.send('Page.enable'),
    cdp.send('Runtime.enable'),
    cdp.send('Network.enable'),
    cdp.send('Inspector.enable'),
    cdp.send('Runtime.addBinding', { name: bindingName, executionContextName: worldName }),
    cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.main }),
    cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.isolated, worldName }),
  ])
  return tab
}
