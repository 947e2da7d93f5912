import type { IpcMain, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron'
import { calls, channels } from '../../preload/contract.ts'
import type { CallName, Envelope, RefusalCode } from '../../preload/contract.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import type { SeatCall } from './seat/events.ts'
import { describeError } from '../describe-error.ts'

/** A call of the shell after its sender and its shape were checked. */
export type ShellCall =
  | SeatCall
  | { readonly type: 'call'; readonly name: 'shell.ready'; readonly input: object }
  | { readonly type: 'call'; readonly name: 'shell.ping'; readonly input: object }
  | {
      readonly type: 'call'
      readonly name: 'shell.painted'
      readonly input: { readonly version: number }
    }

export interface BridgeOptions {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>
  readonly shell: Pick<WebContents, 'id' | 'send' | 'isDestroyed'>
  readonly origin: string
  readonly onCall: (call: ShellCall) => Envelope
  readonly onRefused: (code: RefusalCode) => void
}

const isCallName = (name: unknown): name is CallName =>
  typeof name === 'string' && Object.hasOwn(calls, name)

/** The shell's own page, in its main frame, at its own origin; a frame that is gone is nobody. */
const isShell = (
  event: { readonly sender: Pick<WebContents, 'id'>; readonly senderFrame: unknown },
  { shell, origin }: Pick<BridgeOptions, 'shell' | 'origin'>,
): boolean => {
  if (event.sender.id !== shell.id) return false
  const frame = event.senderFrame as Pick<WebFrameMain, 'parent' | 'origin'> | null
  try {
    return frame !== null && frame.parent === null && frame.origin === origin
  } catch {
    // The frame went away while it was looked at.
    return false
  }
}

/** The one door between the shell page and main: sender, name and shape are checked here. */
export const openBridge = (options: BridgeOptions) => {
  const { ipcMain, shell, onCall, onRefused } = options
  const refuse = (code: RefusalCode): Envelope => {
    onRefused(code)
    return { ok: false, code }
  }
  const answer = (
    event: Pick<IpcMainInvokeEvent, 'senderFrame'> & {
      readonly sender: Pick<WebContents, 'id'>
    },
    name: unknown,
    input: unknown,
    ...more: readonly unknown[]
  ): Envelope => {
    if (!isShell(event, options)) return refuse('wrong-sender')
    if (!isCallName(name) || more.length > 0) return refuse('bad-request')
    const parsed = calls[name].safeParse(input)
    if (!parsed.success) return refuse('bad-request')
    try {
      return onCall({ type: 'call', name, input: parsed.data } as ShellCall)
    } catch (error) {
      console.error('bridge: a call failed:', describeError(error))
      return refuse('internal')
    }
  }
  ipcMain.handle(channels.call, answer)
  return {
    push: (snapshot: Snapshot): void => {
      if (!shell.isDestroyed()) shell.send(channels.snapshot, snapshot)
    },
    dispose: (): void => ipcMain.removeHandler(channels.call),
  }
}
