import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  app,
  BaseWindow,
  ipcMain,
  Menu,
  powerMonitor,
  session as sessions,
  utilityProcess,
  WebContentsView,
} from 'electron'
import type { WebContents } from 'electron'
import type { FaultCode } from '../preload/contract.ts'
import { type ConnectedAuthority, connectAuthority } from './authority/protocol/client.ts'
import type { AuthorityClient } from './authority/protocol/procedures.ts'
import type { Application, Seed, StartMessage } from './authority/protocol/process.ts'
import type { WorkstationId } from './authority/protocol/views.ts'
import { monotonicNow } from './badge/reader-messages.ts'
import type { Policy } from './policy/settings.ts'
import { createActivity, watchMachine } from './workstation/activity.ts'
import { startAuthorityHost } from './workstation/authority-host.ts'
import { openBridge } from './workstation/bridge.ts'
import { createSeatClock } from './workstation/clock.ts'
import { guardNavigation, originOf } from './workstation/navigation.ts'
import type { Observe } from './workstation/observation.ts'
import { denyPermissions } from './workstation/permissions.ts'
import { startReaderHost } from './workstation/reader-host.ts'
import { createSeatDriver } from './workstation/seat-driver.ts'
import type { SeatDriver } from './workstation/seat-driver.ts'
import { serveShell, shellOrigin } from './workstation/shell-page.ts'
import { watchWedge } from './workstation/wedge.ts'
import { wedgeReader, wedgeTap } from './workstation/wedge-tap.ts'
import { secureWebPreferences } from './workstation/web-preferences.ts'
import { createWorkspace } from './workstation/workspace.ts'

export type { Observation, Observe } from './workstation/observation.ts'
export type { TapTiming } from './workstation/timing.ts'

export interface ShellOptions {
  readonly policy: Policy
  /** Registrable domain of the passkeys; the shell's page is `https://agent.<rpId>/`. */
  readonly rpId: string
  /** The built renderer. */
  readonly rendererDirectory: string
  readonly preloadFile: string
  /** For a window on a desk; without it the seat fills the screen and cannot be closed. */
  readonly windowSize?: { readonly width: number; readonly height: number }
  readonly observe?: Observe
}

interface SeatOptions extends ShellOptions {
  readonly readerEntry: string
  readonly readerArguments: readonly string[]
}

/** With an authority of its own, in a process of its own. */
export interface AgentOptions extends SeatOptions {
  /** The authority keeps its store and log here. */
  readonly dataDirectory: string
  readonly workstation: { readonly id: string; readonly name: string }
  readonly applications: readonly Application[]
  readonly seed: Seed | null
  readonly keys: StartMessage['keys']
  readonly authorityEntry: string
  readonly authorityArguments?: readonly string[]
}

/** At a hospital's authority. */
export interface ServiceAgentOptions extends SeatOptions {
  /** Address of the authority, which views may open. */
  readonly authorityUrl: string
  /** Connects, and goes on trying. `fault`: nothing works before it is mended. */
  readonly connect: (on: ServiceNews) => ConnectedAuthority
}

export interface ServiceNews {
  readonly fault: (code: FaultCode, detail: string) => void
  /** The workstation may not be used any more: what is open ends before the fault is shown. */
  readonly outOfService: (code: FaultCode, detail: string) => void
}

export interface Agent {
  /** Of the shell's own view. */
  readonly shell: WebContents
  dispose(): Promise<void>
}

const fork = (entry: string, args: readonly string[], serviceName: string) =>
  utilityProcess.fork(entry, [...args], { serviceName })

/** Starts everything a seat needs: window, shell, reader, authority. Resolves with the shell up. */
export const startAgent = async (options: AgentOptions): Promise<Agent> => {
  const seat = await openSeat(options)
  const { driver, observe } = seat
  const agentSecret = randomBytes(32).toString('hex')
  let client: AuthorityClient | null = null
  const announce = announceOnce(driver)

  const disconnect = async (): Promise<void> => {
    const last = client
    client = null
    driver.connect(null)
    driver.dispatch({ type: 'authority.offline' })
    await last?.dispose()
  }
  const connect = (url: string): void => {
    seat.setAuthorityOrigin(originOf(url))
    const next = connectAuthority({ url, secret: agentSecret })
    client = next
    attach(driver, next, announce)
  }

  const reader = startReaders(options, seat)

  const authority = startAuthorityHost({
    fork: () => fork(options.authorityEntry, options.authorityArguments ?? [], 'Lanyard authority'),
    start: {
      type: 'start',
      dataDirectory: options.dataDirectory,
      port: 0,
      rpId: options.rpId,
      policy: options.policy,
      workstation: {
        id: options.workstation.id as WorkstationId,
        name: options.workstation.name,
      },
      applications: [...options.applications],
      seed: options.seed,
      agentSecret,
      keys: options.keys,
    },
    onReady: connect,
    onLost: () => void disconnect(),
    onFault: seat.fault,
    onProcess: (state, detail) =>
      observe({ type: 'process', at: monotonicNow(), process: 'authority', state, detail }),
    now: monotonicNow,
  })

  await seat.loaded
  return {
    shell: seat.shell,
    async dispose() {
      await client
        ?.call('workstation.report', { event: 'agent-stopping', detail: {} })
        .catch(() => undefined)
      seat.dispose()
      await Promise.all([reader.dispose(), client?.dispose()])
      await authority.dispose()
      seat.close()
    },
  }
}

/** As `startAgent`, for a workstation of a hospital's authority. */
export const startServiceAgent = async (options: ServiceAgentOptions): Promise<Agent> => {
  const seat = await openSeat(options)
  const { driver } = seat
  const reader = startReaders(options, seat)
  seat.setAuthorityOrigin(originOf(options.authorityUrl))
  const client = options.connect({
    fault: seat.fault,
    outOfService(code, detail) {
      driver.dispatch({
        type: 'authority.event',
        event: { seq: 0, type: 'workstation.disabled' },
      })
      seat.fault(code, detail)
    },
  })
  attach(driver, client, announceOnce(driver))
  client.onEvent(({ type }) => {
    if (type === 'workstation.disabled') seat.fault('workstation-disabled', 'by IT')
  })
  const onResume = () => client.reconnectNow()
  powerMonitor.on('resume', onResume)

  await seat.loaded
  return {
    shell: seat.shell,
    async dispose() {
      powerMonitor.off('resume', onResume)
      await client
        .call('workstation.report', { event: 'agent-stopping', detail: {} })
        .catch(() => undefined)
      seat.dispose()
      await Promise.all([reader.dispose(), client.dispose()])
      seat.close()
    },
  }
}

const announceOnce = (driver: Pick<SeatDriver, 'report'>): (() => void) => {
  let announced = false
  return () => {
    if (!announced) driver.report('agent-started', { version: app.getVersion() })
    announced = true
  }
}

/** The seat hears its authority, and asks it. */
const attach = (driver: SeatDriver, client: AuthorityClient, announce: () => void): void => {
  driver.connect(client)
  client.onEvent((event) => driver.dispatch({ type: 'authority.event', event }))
  client.onConnection((connection, hello) => {
    if (connection === 'offline' || hello === undefined)
      return driver.dispatch({ type: 'authority.offline' })
    void driver.online(hello)
    announce()
  })
}

type Seat = Awaited<ReturnType<typeof openSeat>>

const startReaders = (
  options: SeatOptions,
  seat: Pick<Seat, 'driver' | 'observe' | 'setReader'>,
) => {
  const { driver, observe } = seat
  const reader = startReaderHost({
    transports: options.policy['badge.transports'],
    fork: (transport) =>
      fork(
        options.readerEntry,
        [...options.readerArguments, '--transport', transport],
        `Lanyard reader ${transport}`,
      ),
    configure: {
      type: 'configure',
      format: options.policy['badge.format'],
      profiles: [...options.policy['badge.profiles']],
      ports: [...options.policy['badge.serialPorts']],
      pollMs: options.policy['tap.poll'],
      debounceMs: options.policy['tap.debounce'],
    },
    onTap: (tap) => driver.tap(tap),
    onTwoBadges: (path) => driver.dispatch({ type: 'two-badges', reader: path }),
    onState: (path, state, about) =>
      driver.dispatch({ type: 'reader', reader: path, state, ...about }),
    onInspection: (message) => driver.inspection(message),
    onQuality: (message) => driver.quality(message),
    onProcess: (state, detail) =>
      observe({ type: 'process', at: monotonicNow(), process: 'reader', state, detail }),
    now: monotonicNow,
  })
  seat.setReader(reader)
  return reader
}

export interface FaultScreen extends Agent {
  /** Says another one instead. */
  readonly fault: (code: FaultCode, detail: string) => void
}

/** Nothing can start: the seat says so, and shows nothing else. */
export const startFaultScreen = async (
  options: ShellOptions,
  fault: { readonly code: FaultCode; readonly detail: string },
): Promise<FaultScreen> => {
  const seat = await openSeat(options)
  seat.fault(fault.code, fault.detail)
  await seat.loaded
  return {
    shell: seat.shell,
    fault: seat.fault,
    async dispose() {
      seat.dispose()
      seat.close()
    },
  }
}

/** The window, the shell in it, and the machine that decides what they show. */
const openSeat = async (options: ShellOptions) => {
  const { policy, rpId, observe = () => undefined, windowSize } = options
  await app.whenReady()
  Menu.setApplicationMenu(null)
  refuseSurprises()

  const packaged = app.isPackaged
  const origin = shellOrigin(rpId)
  const clock = createSeatClock()
  let authorityOrigin: string | null = null
  let reader: Pick<ReturnType<typeof startReaderHost>, 'send'> | null = null
  let closing = false

  const refused = (what: string) => observe({ type: 'refused', at: clock.monotonic(), what })
  const report = (
    event: 'navigation-refused' | 'permission-refused',
    detail: Record<string, string>,
  ) => driver.report(event, detail)

  const shellSession = sessions.fromPartition('shell')
  serveShell(shellSession.protocol, { rpId, directory: options.rendererDirectory })
  denyPermissions(shellSession, (permission) => {
    refused(`shell permission ${permission}`)
    report('permission-refused', { permission, view: 'shell' })
  })
  chooseOnlyAccount(shellSession)

  const window = new BaseWindow({
    ...(windowSize ?? { kiosk: true }),
    title: 'Lanyard',
    backgroundColor: '#0e1b26',
    show: false,
  })
  const shellView = new WebContentsView({
    webPreferences: secureWebPreferences({
      partition: 'shell',
      preload: options.preloadFile,
      packaged,
    }),
  })
  const shell = shellView.webContents
  window.contentView.addChildView(shellView)
  const size = () => window.getContentBounds()
  const fill = () => {
    const { width, height } = size()
    shellView.setBounds({ x: 0, y: 0, width, height })
  }
  fill()

  const activity = createActivity({
    report: () => driver.dispatch({ type: 'activity' }),
    now: clock.monotonic,
  })
  const lockNow = () => void driver.call({ type: 'call', name: 'seat.lock', input: {} })

  const workspace = createWorkspace({
    createView: (partition) => {
      const view = new WebContentsView({
        webPreferences: secureWebPreferences({ partition, packaged }),
      })
      view.setVisible(false)
      window.contentView.addChildView(view)
      return view
    },
    removeView: (view) => window.contentView.removeChildView(view as WebContentsView),
    session: (partition) => sessions.fromPartition(partition),
    prepareSession: (partition) =>
      denyPermissions(partition, (permission) => {
        refused(`permission ${permission}`)
        report('permission-refused', { permission, view: 'application' })
      }),
    watch: (contents) => activity.watch(contents, lockNow),
    focusShell: () => {
      if (!shell.isDestroyed()) shell.focus()
    },
    size,
    launch: (sessionId, application) => driver.launch(sessionId, application),
    catalogue: () => driver.state.catalogue,
    authorityOrigin: () => authorityOrigin,
    on: {
      opened: (sessionId) => driver.dispatch({ type: 'workspace.opened', sessionId }),
      application: (sessionId, application, state, ms, unanswered) => {
        const at = clock.monotonic()
        observe({ type: 'application', at, sessionId, application, state, ms })
        driver.dispatch({
          type: 'application',
          sessionId,
          application,
          state,
          ...(unanswered && { unanswered: { ago: ms } }),
        })
      },
      cleared: (sessionId, slot, verified, ms) => {
        const at = clock.monotonic()
        observe({ type: 'slot-cleared', at, slot, sessionId, verified, ms })
        driver.dispatch({ type: 'workspace.cleared', sessionId, slot, verified })
      },
      refused: (target, how) => {
        refused(`${how} to ${target}`)
        report('navigation-refused', { origin: target, how })
      },
    },
    now: clock.monotonic,
  })

  const bridge = openBridge({
    ipcMain,
    shell,
    origin,
    onCall: (call) => driver.call(call),
    onRefused: (code) => refused(`bridge ${code}`),
  })
  const driver = createSeatDriver({
    policy,
    clock,
    workspace,
    reader: { send: (command) => reader?.send(command) },
    push: bridge.push,
    observe,
  })
  driver.start()
  const unhear = hearWedge(policy, { contents: shell, window, driver, now: clock.monotonic })

  guardNavigation(shell, new Set([origin]), (target, how) => {
    refused(`shell ${how} to ${target}`)
    report('navigation-refused', { origin: target, how, view: 'shell' })
  })
  activity.watch(shell, lockNow)
  shell.on('did-navigate', () => driver.shellLost())
  shell.on('render-process-gone', () => {
    // Without its shell a workspace has no bar, no shield and no owner on the screen.
    driver.shellLost()
    driver.dispatch({ type: 'machine.leaving' })
    if (!closing) void shell.loadURL(`${origin}/`).catch(() => undefined)
  })
  const unwatch = watchMachine(powerMonitor, {
    leaving: () => driver.dispatch({ type: 'machine.leaving' }),
    back: () => driver.dispatch({ type: 'machine.back' }),
  })
  window.on('resize', () => {
    fill()
    driver.relayout()
  })
  const onQuit = () => {
    closing = true
  }
  app.once('before-quit', onQuit)
  window.on('close', (event) => {
    if (windowSize === undefined && !closing) event.preventDefault()
  })

  const load = async (): Promise<void> => {
    await shell.loadURL(`${origin}/`)
    window.show()
    shell.focus()
  }
  const loaded = load()
  // Whoever awaits it hears of it; until then it is not unhandled.
  loaded.catch(() => undefined)

  return {
    shell,
    driver,
    observe,
    loaded,
    setAuthorityOrigin: (next: string | null) => {
      authorityOrigin = next
    },
    setReader: (next: typeof reader) => {
      reader = next
    },
    fault: (code: FaultCode, detail: string) => {
      const reference = randomBytes(4).toString('hex')
      console.error(`fault ${reference} ${code}: ${detail}`)
      driver.dispatch({ type: 'fault', code, reference })
    },
    dispose: () => {
      closing = true
      app.off('before-quit', onQuit)
      unwatch()
      unhear()
      driver.dispose()
      bridge.dispose()
      workspace.dispose()
    },
    close: () => {
      if (!shell.isDestroyed()) shell.close()
      if (!window.isDestroyed()) window.destroy()
    },
  }
}

/** A reader that types, where the site has one. Returns the end of listening. */
const hearWedge = (
  policy: Policy,
  { contents, window, driver, now }: HearWedgeOptions,
): (() => void) => {
  const setting = policy['badge.wedge']
  if (setting === null) return () => undefined
  const site = { format: policy['badge.format'], profiles: policy['badge.profiles'] }
  driver.dispatch({
    type: 'reader',
    reader: wedgeReader,
    state: 'ready',
    model: 'Keyboard wedge',
    detail: 'Heard on the lock screen only; it cannot be tested here.',
  })
  return watchWedge({
    setting,
    contents,
    window,
    phase: () => driver.state.phase.name,
    onRead: (read) => driver.tap(wedgeTap(read, site)),
    now,
  })
}
interface HearWedgeOptions {
  readonly contents: WebContents
  readonly window: BaseWindow
  readonly driver: Pick<SeatDriver, 'dispatch' | 'tap' | 'state'>
  readonly now: () => number
}

let refusing = false

/** What Electron would decide for us: certificates, passwords, client certificates. */
const refuseSurprises = (): void => {
  if (refusing) return
  refusing = true
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, accept) => {
    event.preventDefault()
    accept(false)
  })
  // Unhandled, Electron takes the first certificate of the machine.
  app.on('select-client-certificate', (event, _contents, _url, _list, choose) => {
    event.preventDefault()
    choose()
  })
  app.on('login', (event) => event.preventDefault())
}

/** A key with one account for us signs in; one with several asks for a badge instead of a guess. */
const chooseOnlyAccount = (session: Pick<Electron.Session, 'on'>): void => {
  session.on('select-webauthn-account', (event, { accounts }, choose) => {
    event.preventDefault()
    const [only, ...others] = accounts
    choose(others.length === 0 ? (only?.credentialId ?? null) : null)
  })
}

/** Where the built parts lie beside a built entry. */
export const builtParts = (outDirectory: string) => ({
  rendererDirectory: join(outDirectory, 'renderer'),
  preloadFile: join(outDirectory, 'preload', 'shell.cjs'),
  readerEntry: join(outDirectory, 'main', 'reader.js'),
  authorityEntry: join(outDirectory, 'main', 'authority.js'),
})
