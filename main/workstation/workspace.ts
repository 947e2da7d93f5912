import type { Rectangle, Session, WebContentsView } from 'electron'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { ApplicationView, SessionId } from '../authority/protocol/views.ts'
import { layOut } from './layout.ts'
import type { Arrangement } from './layout.ts'
import { guardNavigation, mayNavigate, originOf } from './navigation.ts'
import { clearSlot } from './slot-clearing.ts'
import type { ClearingOptions } from './slot-clearing.ts'
import type { Slot } from './seat/types.ts'
import { describeError } from '../describe-error.ts'

type View = Pick<WebContentsView, 'setBounds' | 'setVisible' | 'setBackgroundColor'> & {
  readonly webContents: WebContentsView['webContents']
}

export interface WorkspaceEvents {
  readonly opened: (sessionId: SessionId) => void
  readonly application: (
    sessionId: SessionId,
    application: string,
    state: 'opening' | 'ready' | 'failed',
    ms: number,
    /** It failed because the authority did not answer. */
    unanswered: boolean,
  ) => void
  readonly cleared: (sessionId: SessionId, slot: Slot, verified: boolean, ms: number) => void
  readonly refused: (origin: string, how: string) => void
}

export interface WorkspaceOptions {
  /** A view in the slot's partition, made by the one factory; invisible and on top of the shell. */
  readonly createView: (partition: string) => View
  readonly removeView: (view: View) => void
  readonly session: (partition: string) => Session
  /** Once per partition, before its first view. */
  readonly prepareSession: (session: Session) => void
  readonly watch: (contents: View['webContents']) => void
  readonly focusShell: () => void
  readonly size: () => { readonly width: number; readonly height: number }
  /** The address of a one-time launch handle. Rejects when there is none. */
  readonly launch: (sessionId: SessionId, application: string) => Promise<string>
  readonly catalogue: () => readonly ApplicationView[]
  /** The authority's own origin, where launches and sign-ins begin; `null` before it is known. */
  readonly authorityOrigin: () => string | null
  readonly on: WorkspaceEvents
  readonly now: () => number
}

interface Application {
  readonly id: string
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

interface Open {
  readonly slot: Slot
  readonly applications: ReadonlyMap<string, Application>
}

const isUnanswered = (error: unknown): boolean =>
  error instanceof AuthorityError && (error.code === 'unreachable' || error.code === 'timeout')

/** What a busy authority answers, and a proxy in front of one that does not answer at all. */
const isBusy = (status: number): boolean => status === 502 || status === 503 || status === 504

/** After a busy authority it is tried again after these, ms; then its owner, or a reconnect, does. */
const pauses = [5_000, 15_000, 45_000] as const

const partitionOf = (slot: Slot): string => `slot-${slot}`

/**
 * The application views of all sessions at this seat: one view per application and session, made
 * once and kept hidden while others work, each session in a partition slot of its own.
 */
export const createWorkspace = (options: WorkspaceOptions) => {
  const { createView, removeView, launch, catalogue, authorityOrigin, on, now } = options
  const open = new Map<SessionId, Open>()
  const prepared = new Set<string>()
  /** Every origin that was allowed in a slot, for its clearing. */
  const origins = new Map<Slot, Set<string>>()
  let shown: SessionId | null = null

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
  const allow = (slot: Slot, one: Application): void => {
    const authority = authorityOrigin()
    const allowed = authority === null ? one.own : new Set([...one.own, authority])
    one.origins.clear()
    const visited = origins.get(slot) ?? new Set()
    origins.set(slot, visited)
    for (const origin of allowed) {
      one.origins.add(origin)
      visited.add(origin)
    }
  }

  const load = async (sessionId: SessionId, one: Application): Promise<void> => {
    const slot = open.get(sessionId)?.slot
    if (slot === undefined) return
    one.launchedAt = now()
    one.launches += 1
    const { launches } = one
    const isCurrent = () =>
      open.get(sessionId)?.applications.get(one.id) === one && one.launches === launches
    try {
      const url = await launch(sessionId, one.id)
      if (!isCurrent()) return
      allow(slot, one)
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
      const isThere = open.get(sessionId)?.applications.get(one.id) === one
      // Its owner, or a connection that came back, was sooner.
      if (!isThere || one.launches !== launches || one.state !== 'failed') return
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
      if (open.get(sessionId)?.applications.get(one.id) !== one) return
      if (!mayNavigate(contents.getURL(), one.own)) return
      one.retries = 0
      announce(sessionId, one, 'ready')
    })
    // A page with an error of the authority's is loaded like any other, and leads no further.
    contents.on('did-navigate', (_event, url, status) => {
      if (open.get(sessionId)?.applications.get(one.id) !== one) return
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
  ): Application => {
    const own = new Set(listed.origins.map(originOf).filter((one) => one !== null))
    const view = createView(partitionOf(slot))
    view.setVisible(false)
    view.setBackgroundColor('#ffffff')
    const application: Application = {
      id: listed.id,
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

  const setVisible = (one: Application, visible: boolean) => {
    if (one.visible === visible) return
    one.visible = visible
    one.view.setVisible(visible)
  }

  const place = (one: Application, bounds: Rectangle) => {
    const { bounds: last } = one
    const same =
      last !== null &&
      last.x === bounds.x &&
      last.y === bounds.y &&
      last.width === bounds.width &&
      last.height === bounds.height
    if (same) return
    one.bounds = bounds
    one.view.setBounds(bounds)
  }

  const hideAllBut = (sessionId: SessionId | null) => {
    for (const [id, { applications }] of open)
      if (id !== sessionId) for (const one of applications.values()) setVisible(one, false)
  }

  return {
    /**
     * Puts one workspace on the glass, or none. Synchronous: what must not be seen is hidden before
     * anything else happens.
     */
    show(sessionId: SessionId | null, arrangement: Arrangement | null): void {
      hideAllBut(sessionId)
      const front = sessionId === null ? undefined : open.get(sessionId)
      const changed = shown !== sessionId
      shown = sessionId
      if (front === undefined || arrangement === null) {
        if (changed) options.focusShell()
        return
      }
      const places = layOut(options.size(), arrangement)
      for (const one of front.applications.values()) {
        const bounds = places.get(one.id)
        if (bounds !== undefined) place(one, bounds)
        setVisible(one, bounds !== undefined && one.state === 'ready')
      }
      const focused = front.applications.get(arrangement.focused ?? '')
      if (changed && focused?.visible === true) focused.view.webContents.focus()
    },

    /** Creates the views of a new session in its slot and launches them. */
    async open(sessionId: SessionId, slot: Slot, applications: readonly string[]): Promise<void> {
      const partition = partitionOf(slot)
      if (!prepared.has(partition)) {
        options.prepareSession(options.session(partition))
        prepared.add(partition)
      }
      const listed = catalogue().filter(({ id }) => applications.includes(id))
      const views = listed.map((one) => createApplication(sessionId, slot, one))
      open.set(sessionId, { slot, applications: new Map(views.map((one) => [one.id, one])) })
      await Promise.all(views.map((one) => load(sessionId, one)))
      if (open.has(sessionId)) on.opened(sessionId)
    },

    /** A new launch of one application, in the view that it has. */
    async relaunch(sessionId: SessionId, application: string): Promise<void> {
      const one = open.get(sessionId)?.applications.get(application)
      if (one === undefined) return
      one.state = 'opening'
      one.retries = 0
      setVisible(one, false)
      await load(sessionId, one)
    },

    /** Closes the views of a session and empties its slot; tells whether it was found empty. */
    async close(sessionId: SessionId, slot: Slot): Promise<void> {
      const startedAt = now()
      const closing = open.get(sessionId)
      open.delete(sessionId)
      if (shown === sessionId) shown = null
      for (const { view } of closing?.applications.values() ?? []) {
        view.setVisible(false)
        removeView(view)
        view.webContents.close()
      }
      const partition = partitionOf(slot)
      const probe: ClearingOptions['createProbe'] = () => createView(partition)
      const verified = await clearSlot({
        session: options.session(partition),
        createProbe: probe,
        origins: [...(origins.get(slot) ?? [])],
      })
      on.cleared(sessionId, slot, verified, now() - startedAt)
    },

    dispose(): void {
      for (const { applications } of open.values())
        for (const { view } of applications.values()) view.webContents.close()
      open.clear()
    },
  }
}

export type Workspace = ReturnType<typeof createWorkspace>
