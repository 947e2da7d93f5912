import type { Rectangle } from 'electron'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { ApplicationView, SessionId } from '../authority/protocol/views.ts'
import { describeError } from '../describe-error.ts'
import { guardNavigation, mayNavigate, originOf } from './navigation.ts'
import type { Slot } from './seat/types.ts'
import type { View, WorkspaceOptions } from './workspace.ts'

/** One application in one session: its view and how far its launch is. */
export interface Application {
  readonly id: string
  readonly slot: Slot
  readonly view: View
  /** Where its view may go now. */
  readonly origins: Set<string>
  /** Those of its own. */
  readonly own: ReadonlySet<string>
  launchedAt: number
  /** How often it was launched: a launch that another one followed tells nothing any more. */
  launches: number
  /** How often it was launched again by itself because the authority was busy, since it last worked. */
  retries: number
  state: 'opening' | 'ready' | 'failed'
  visible: boolean
  bounds: Rectangle | null
}

const isUnanswered = (error: unknown): boolean =>
  error instanceof AuthorityError && (error.code === 'unreachable' || error.code === 'timeout')

/** What a busy authority answers, and a proxy in front of one that does not answer at all. */
const isBusy = (status: number): boolean => status === 502 || status === 503 || status === 504

/** After a busy authority it is tried again after these, ms; then its owner, or a reconnect, does. */
const pauses = [5_000, 15_000, 45_000] as const

export interface LauncherOptions extends Pick<
  WorkspaceOptions,
  'launch' | 'authorityOrigin' | 'on' | 'now' | 'watch'
> {
  /** Whether it is still one of an open session's. */
  readonly isOpen: (sessionId: SessionId, one: Application) => boolean
  /** Every origin that is allowed in a slot, for its clearing. */
  readonly visited: (slot: Slot) => Set<string>
}

/** Launches applications in their views, and tells from what their pages do how it went. */
export const createLauncher = (options: LauncherOptions) => {
  const { launch, authorityOrigin, on, now, isOpen, visited } = options

  const announce = (
    sessionId: SessionId,
    one: Application,
    state: Application['state'],
    unanswered = false,
  ) => {
    if (one.state === state) return
    one.state = state
    on.application(sessionId, one.id, state, now() - one.launchedAt, unanswered)
  }

  /** An embedded authority that was started anew has another port. */
  const allow = (one: Application): void => {
    const authority = authorityOrigin()
    const allowed = authority === null ? one.own : new Set([...one.own, authority])
    one.origins.clear()
    const seen = visited(one.slot)
    for (const origin of allowed) {
      one.origins.add(origin)
      seen.add(origin)
    }
  }

  const load = async (sessionId: SessionId, one: Application): Promise<void> => {
    if (!isOpen(sessionId, one)) return
    one.launchedAt = now()
    one.launches += 1
    const { launches } = one
    const isCurrent = () => isOpen(sessionId, one) && one.launches === launches
    try {
      const url = await launch(sessionId, one.id)
      if (!isCurrent()) return
      allow(one)
      if (!mayNavigate(url, one.origins)) throw new Error('The launch leads to a foreign origin.')
      // The answer of the page comes by its events; here it would hold up the other application.
      void one.view.webContents.loadURL(url).catch(() => undefined)
    } catch (error) {
      if (!isCurrent()) return
      console.error('workspace: an application could not be launched:', describeError(error))
      const busy = error instanceof AuthorityError && error.code === 'store-busy'
      if (busy) tryAgain(sessionId, one)
      announce(sessionId, one, 'failed', busy || isUnanswered(error))
    }
  }

  /** No reconnect follows the answer of an authority that is busy. */
  const tryAgain = (sessionId: SessionId, one: Application): void => {
    const pause = pauses[one.retries]
    if (pause === undefined) return
    const { launches } = one
    setTimeout(() => {
      // Its owner, or a connection that came back, was sooner.
      if (!isOpen(sessionId, one) || one.launches !== launches || one.state !== 'failed') return
      one.retries += 1
      announce(sessionId, one, 'opening')
      void load(sessionId, one)
    }, pause).unref()
  }

  const watchView = (sessionId: SessionId, one: Application) => {
    const contents = one.view.webContents
    guardNavigation(contents, one.origins, on.refused)
    options.watch(contents)
    // The sign-in passes through the authority; ready is the application's own page.
    contents.on('dom-ready', () => {
      // A page that was on its way when its view was closed tells nothing any more.
      if (!isOpen(sessionId, one)) return
      if (!mayNavigate(contents.getURL(), one.own)) return
      one.retries = 0
      announce(sessionId, one, 'ready')
    })
    // A page with an error of the authority's is loaded like any other, and leads no further.
    contents.on('did-navigate', (_event, url, status) => {
      if (!isOpen(sessionId, one)) return
      const origin = originOf(url)
      if (status < 400 || origin === null || origin !== authorityOrigin()) return
      if (isBusy(status)) tryAgain(sessionId, one)
      announce(sessionId, one, 'failed', isBusy(status))
    })
    contents.on('did-fail-load', (_event, code, _text, url, isMainFrame) => {
      const aborted = code === -3
      // The launch and the sign-in behind it are pages of the authority.
      const origin = originOf(url)
      const unanswered = origin !== null && origin === authorityOrigin()
      if (isMainFrame && !aborted) announce(sessionId, one, 'failed', unanswered)
    })
    contents.on('render-process-gone', () => {
      one.view.setVisible(false)
      one.visible = false
      announce(sessionId, one, 'failed')
    })
  }

  const createApplication = (
    sessionId: SessionId,
    slot: Slot,
    listed: ApplicationView,
    view: View,
  ): Application => {
    const own = new Set(listed.origins.map(originOf).filter((one) => one !== null))
    view.setVisible(false)
    view.setBackgroundColor('#ffffff')
    const application: Application = {
      id: listed.id,
      slot,
      view,
      origins: new Set(),
      own,
      launchedAt: now(),
      launches: 0,
      retries: 0,
      state: 'opening',
      visible: false,
      bounds: null,
    }
    watchView(sessionId, application)
    return application
  }

  return { create: createApplication, load }
}
