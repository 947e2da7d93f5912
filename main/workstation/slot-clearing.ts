import type { Session, WebContentsView } from 'electron'
import { describeError } from '../describe-error.ts'

type Clearable = Pick<
  Session,
  | 'closeAllConnections'
  | 'clearData'
  | 'clearStorageData'
  | 'clearCache'
  | 'clearAuthCache'
  | 'clearCodeCaches'
  | 'clearHostResolverCache'
> & {
  readonly cookies: Pick<Session['cookies'], 'get'>
  readonly protocol: Pick<Session['protocol'], 'handle' | 'unhandle'>
}

export interface ClearingOptions {
  readonly session: Clearable
  /** A view of this partition without guest or preload, to look into its storage. */
  readonly createProbe: () => {
    readonly webContents: Pick<WebContentsView['webContents'], 'loadURL' | 'close'> & {
      readonly debugger: Pick<
        WebContentsView['webContents']['debugger'],
        'attach' | 'detach' | 'sendCommand'
      >
    }
  }
  /** Every origin that a view of this slot could have been on. */
  readonly origins: readonly string[]
}

/** What a page of the next person could find; every number must be 0. */
const lookAround = `(async () => {
  const secure = isSecureContext
  return [
    localStorage.length,
    (await indexedDB.databases()).length,
    secure ? (await caches.keys()).length : 0,
    secure && navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
    document.cookie.length,
  ].reduce((sum, one) => sum + one, 0)
})()`

/**
 * Empties a partition slot after its views were closed, then looks whether it is empty: cookies,
 * and the storage of every origin as a page there would see it. `false`: never use the slot again.
 */
export const clearSlot = async (options: ClearingOptions): Promise<boolean> => {
  try {
    await empty(options.session)
    return await isEmpty(options)
  } catch (error) {
    console.error('workspace: a slot could not be cleared:', describeError(error))
    return false
  }
}

const empty = async (session: Clearable): Promise<void> => {
  await session.closeAllConnections()
  await session.clearData()
  await session.clearStorageData()
  await session.clearCache()
  await session.clearAuthCache()
  await session.clearCodeCaches({})
  await session.clearHostResolverCache()
}

const isEmpty = async ({ session, createProbe, origins }: ClearingOptions): Promise<boolean> => {
  if ((await session.cookies.get({})).length > 0) return false
  // Nobody's application runs here now, so for this moment the partition may be intercepted: the
  // probe stands on each origin without a request leaving the machine.
  const blank = () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
  session.protocol.handle('https', blank)
  session.protocol.handle('http', blank)
  const probe = createProbe()
  try {
    for (const origin of origins) {
      await probe.webContents.loadURL(`${origin}/`)
      if ((await countLeftovers(probe.webContents.debugger)) !== 0) return false
    }
    return true
  } finally {
    probe.webContents.close()
    session.protocol.unhandle('https')
    session.protocol.unhandle('http')
  }
}

const countLeftovers = async (
  inspector: ReturnType<ClearingOptions['createProbe']>['webContents']['debugger'],
): Promise<unknown> => {
  inspector.attach('1.3')
  try {
    const answer: unknown = await inspector.sendCommand('Runtime.evaluate', {
      expression: lookAround,
      awaitPromise: true,
      returnByValue: true,
    })
    return (answer as { readonly result?: { readonly value?: unknown } }).result?.value
  } finally {
    inspector.detach()
  }
}
