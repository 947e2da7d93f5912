import { randomBytes } from 'node:crypto'
import { app, ipcMain, Menu, powerMonitor, session as sessions } from 'electron'
import type { FaultCode } from '../../preload/shown/fault.ts'
import type { Policy } from '../policy/settings.ts'
import { createActivity, watchMachine } from './activity.ts'
import { openBridge } from './bridge.ts'
import { chooseOnlyAccount } from './choose-only-account.ts'
import { createSeatClock } from './clock.ts'
import { hearWedge } from './hear-wedge.ts'
import { guardNavigation } from './navigation.ts'
import type { Observe } from './observation.ts'
import { denyPermissions } from './permissions.ts'
import type { startReaderHost } from './reader-host.ts'
import { refuseSurprises } from './refuse-surprises.ts'
import { createSeatDriver } from './seat-driver.ts'
import { openSeatWindow, type SeatWindowOptions } from './seat-window.ts'
import { serveShell, shellOrigin } from './shell-page.ts'
import { createWorkspace } from './workspace.ts'

export interface ShellOptions extends Pick<SeatWindowOptions, 'preloadFile' | 'windowSize'> {
  readonly policy: Policy
  /** Registrable domain of the passkeys; the shell's page is `https://agent.<rpId>/`. */
  readonly rpId: string
  /** The built renderer. */
  readonly rendererDirectory: string
  readonly observe?: Observe
}

/** The window, the shell in it, and the machine that decides what they show. */
export const openSeat = async (options: ShellOptions) => {
  const { policy, rpId, observe = () => undefined, windowSize } = options
  await app.whenReady()
  Menu.setApplicationMenu(null)
  refuseSurprises()

  const origin = shellOrigin(rpId)
  const clock = createSeatClock()
  let authorityOrigin: string | null = null
  let reader: Pick<ReturnType<typeof startReaderHost>, 'send'> | null = null

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

  const seatWindow = openSeatWindow({
    preloadFile: options.preloadFile,
    ...(windowSize && { windowSize }),
  })
  const { window, shell } = seatWindow

  const activity = createActivity({
    report: () => driver.dispatch({ type: 'activity' }),
    now: clock.monotonic,
  })
  const lockNow = () => void driver.call({ type: 'call', name: 'seat.lock', input: {} })

  const workspace = createWorkspace({
    createView: seatWindow.createView,
    removeView: seatWindow.removeView,
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
    size: seatWindow.size,
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
    if (!seatWindow.closing) void shell.loadURL(`${origin}/`).catch(() => undefined)
  })
  const unwatch = watchMachine(powerMonitor, {
    leaving: () => driver.dispatch({ type: 'machine.leaving' }),
    back: () => driver.dispatch({ type: 'machine.back' }),
  })
  window.on('resize', () => driver.relayout())

  const loaded = seatWindow.load(`${origin}/`)
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
      seatWindow.dispose()
      unwatch()
      unhear()
      driver.dispose()
      bridge.dispose()
      workspace.dispose()
    },
    close: seatWindow.close,
  }
}

export type OpenSeat = Awaited<ReturnType<typeof openSeat>>
