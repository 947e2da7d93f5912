import type { Rectangle, Session, WebContentsView } from 'electron'
import type { ApplicationView, SessionId } from '../authority/protocol/views.ts'
import { type Application, createLauncher } from './launcher.ts'
import { layOut } from './layout.ts'
import type { Arrangement } from './layout.ts'
import { clearSlot } from './slot-clearing.ts'
import type { ClearingOptions } from './slot-clearing.ts'
import type { Slot } from './seat/types.ts'

export type View = Pick<WebContentsView, 'setBounds' | 'setVisible' | 'setBackgroundColor'> & {
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

interface Open {
  readonly slot: Slot
  readonly applications: ReadonlyMap<string, Application>
}

const partitionOf = (slot: Slot): string => `slot-${slot}`

/**
 * The application views of all sessions at this seat: one view per application and session, made
 * once and kept hidden while others work, each session in a partition slot of its own.
 */
export const createWorkspace = (options: WorkspaceOptions) => {
  const { createView, removeView, catalogue, on, now } = options
  const open = new Map<SessionId, Open>()
  const prepared = new Set<string>()
  /** Every origin that was allowed in a slot, for its clearing. */
  const origins = new Map<Slot, Set<string>>()
  let shown: SessionId | null = null

  const launcher = createLauncher({
    ...options,
    isOpen: (sessionId, one) => open.get(sessionId)?.applications.get(one.id) === one,
    visited(slot) {
      const known = origins.get(slot) ?? new Set()
      origins.set(slot, known)
      return known
    },
  })

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
      const views = listed.map((one) =>
        launcher.create(sessionId, slot, one, createView(partition)),
      )
      open.set(sessionId, { slot, applications: new Map(views.map((one) => [one.id, one])) })
      await Promise.all(views.map((one) => launcher.load(sessionId, one)))
      if (open.has(sessionId)) on.opened(sessionId)
    },

    /** A new launch of one application, in the view that it has. */
    async relaunch(sessionId: SessionId, application: string): Promise<void> {
      const one = open.get(sessionId)?.applications.get(application)
      if (one === undefined) return
      one.state = 'opening'
      one.retries = 0
      setVisible(one, false)
      await launcher.load(sessionId, one)
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
