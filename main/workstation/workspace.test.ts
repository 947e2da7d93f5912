import { EventEmitter } from 'node:events'
import type { Session } from 'electron'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import { aHello, aSessionId } from './seat/testing/builders.ts'
import { createWorkspace } from './workspace.ts'
import type { WorkspaceOptions } from './workspace.ts'

const authority = 'http://127.0.0.1:4000'

class FakeContents extends EventEmitter {
  url = ''
  closed = false
  loadURL = (url: string) => {
    this.url = url
    return Promise.resolve()
  }
  /** As in Electron, once the contents are gone. */
  getURL = () => {
    if (this.closed) throw new TypeError('Object has been destroyed')
    return this.url
  }
  setWindowOpenHandler = () => undefined
  focus = () => undefined
  close = () => {
    this.closed = true
  }
  debugger = {
    attach: () => undefined,
    detach: () => undefined,
    sendCommand: () => Promise.resolve({ result: { value: 0 } }),
  }
}

const seat = (
  launch = (_id: string, application: string) =>
    Promise.resolve(`${authority}/launch/${application}`),
) => {
  const views: { partition: string; visible: boolean; webContents: FakeContents }[] = []
  const removed: unknown[] = []
  const events: string[] = []
  const at = { origin: authority }
  const clear = () => Promise.resolve()
  const session = {
    closeAllConnections: clear,
    clearData: clear,
    clearStorageData: clear,
    clearCache: clear,
    clearAuthCache: clear,
    clearCodeCaches: clear,
    clearHostResolverCache: clear,
    cookies: { get: () => Promise.resolve([]) },
    protocol: { handle: () => undefined, unhandle: () => undefined },
  } as unknown as Session
  const prepared = vi.fn<(session: Session) => void>()
  const workspace = createWorkspace({
    createView: ((partition: string) => {
      const view = {
        partition,
        visible: true,
        webContents: new FakeContents(),
        setBounds: () => undefined,
        setBackgroundColor: () => undefined,
        setVisible(visible: boolean) {
          view.visible = visible
        },
      }
      views.push(view)
      return view
    }) as unknown as WorkspaceOptions['createView'],
    removeView: (view) => removed.push(view),
    session: () => session,
    prepareSession: prepared,
    watch: () => undefined,
    focusShell: () => undefined,
    size: () => ({ width: 1366, height: 768 }),
    launch,
    catalogue: () => aHello(0).applications,
    authorityOrigin: () => at.origin,
    on: {
      opened: (id) => events.push(`opened ${id}`),
      application: (id, application, state, _ms, unanswered) =>
        events.push(`${id} ${application} ${state}${unanswered ? ' unanswered' : ''}`),
      cleared: (id, slot, verified) => events.push(`cleared ${id} ${slot} ${verified}`),
      refused: (origin, how) => events.push(`refused ${how} ${origin}`),
    },
    now: () => 0,
  })
  const arrangement = (focused = 'ehr') => ({
    applications: aHello(0).applications.map(
      ({ id, name, kind }) => ({ id, name, kind, state: 'ready' }) as const,
    ),
    focused,
    banner: false,
    emergency: false,
  })
  return { workspace, views, removed, events, prepared, arrangement, at }
}

const mira = aSessionId('s-mira')
const otto = aSessionId('s-otto')

const ready = (contents: FakeContents | undefined, url: string) => {
  if (contents === undefined) throw new Error('no such view')
  contents.url = url
  contents.emit('dom-ready')
}

test('one hidden view per application in the slot, shown only when its own page is there', async () => {
  const { workspace, views, events, arrangement, prepared } = seat()
  await workspace.open(mira, 2, ['ehr', 'imaging'])
  expect(views.map(({ partition, visible }) => [partition, visible])).toEqual([
    ['slot-2', false],
    ['slot-2', false],
  ])
  expect(prepared).toHaveBeenCalledOnce()
  workspace.show(mira, arrangement())
  expect(views.map(({ visible }) => visible)).toEqual([false, false])
  ready(views[0]?.webContents, `${authority}/authorize`)
  expect(events).toEqual(['opened s-mira'])
  ready(views[0]?.webContents, 'https://ehr.hospital.example/chart')
  expect(events).toContain('s-mira ehr ready')
  workspace.show(mira, arrangement())
  expect(views.map(({ visible }) => visible)).toEqual([true, false])
})

test('showing one hides all others, and none hides all', async () => {
  const { workspace, views, arrangement } = seat()
  await workspace.open(mira, 0, ['ehr'])
  await workspace.open(otto, 1, ['ehr'])
  for (const { webContents } of views) ready(webContents, 'https://ehr.hospital.example/')
  workspace.show(mira, arrangement())
  expect(views.map(({ visible }) => visible)).toEqual([true, false])
  workspace.show(otto, arrangement())
  expect(views.map(({ visible }) => visible)).toEqual([false, true])
  workspace.show(null, null)
  expect(views.map(({ visible }) => visible)).toEqual([false, false])
})

test('a view that crashes is hidden and named', async () => {
  const { workspace, views, events, arrangement } = seat()
  await workspace.open(mira, 0, ['ehr'])
  ready(views[0]?.webContents, 'https://ehr.hospital.example/')
  workspace.show(mira, arrangement())
  views[0]?.webContents.emit('render-process-gone')
  expect(views[0]?.visible).toBe(false)
  expect(events.at(-1)).toBe('s-mira ehr failed')
})

test.each([
  ['no launch handle', () => Promise.reject(new Error('none'))],
  ['a launch to a foreign origin', () => Promise.resolve('https://elsewhere.example/launch')],
])('%s: the application failed, the workspace opens with the other', async (_what, launch) => {
  const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const { workspace, views, events } = seat(launch)
  await workspace.open(mira, 0, ['ehr'])
  expect(events).toEqual(['s-mira ehr failed', 'opened s-mira'])
  expect(views[0]?.webContents.url).toBe('')
  silent.mockRestore()
})

test.each([
  ['unreachable', true],
  ['timeout', true],
  ['store-busy', true],
  ['conflict', false],
  ['session-ended', false],
] as const)('a launch that is refused as %s went unanswered: %s', async (code, unanswered) => {
  const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const { workspace, events } = seat(() => Promise.reject(new AuthorityError(code, 'test')))
  await workspace.open(mira, 0, ['ehr'])
  expect(events[0]).toBe(`s-mira ehr failed${unanswered ? ' unanswered' : ''}`)
  silent.mockRestore()
})

test.each([
  [`${authority}/launch/ehr`, true, 's-mira ehr failed unanswered'],
  ['https://ehr.hospital.example/', true, 's-mira ehr failed'],
  [`${authority}/launch/ehr`, false, null],
] as const)('that %s does not load, of the main frame: %s', async (url, isMainFrame, told) => {
  const { workspace, views, events } = seat()
  await workspace.open(mira, 0, ['ehr'])
  events.length = 0
  views[0]?.webContents.emit('did-fail-load', {}, -102, 'refused', url, isMainFrame)
  expect(events).toEqual(told === null ? [] : [told])
})

const answered = (contents: FakeContents | undefined, url: string, status: number) => {
  if (contents === undefined) throw new Error('no such view')
  contents.url = url
  contents.emit('did-navigate', {}, url, status, '')
  contents.emit('dom-ready')
}

test.each([
  [`${authority}/launch/ehr`, 503, 's-mira ehr failed unanswered'],
  [`${authority}/oidc/auth?client_id=ehr`, 503, 's-mira ehr failed unanswered'],
  [`${authority}/launch/ehr`, 403, 's-mira ehr failed'],
  [`${authority}/oidc/auth`, 500, 's-mira ehr failed'],
  [`${authority}/oidc/auth`, 200, null],
  ['https://ehr.hospital.example/', 404, 's-mira ehr ready'],
] as const)('%s answered with %s: %s', async (url, status, told) => {
  const { workspace, views, events } = seat()
  await workspace.open(mira, 0, ['ehr'])
  events.length = 0
  answered(views[0]?.webContents, url, status)
  expect(events).toEqual(told === null ? [] : [told])
})

describe('an authority that is busy', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const opened = async () => {
    const launch = vi.fn<(id: string, application: string) => Promise<string>>((_id, application) =>
      Promise.resolve(`${authority}/launch/${application}`),
    )
    const { workspace, views, events } = seat(launch)
    await workspace.open(mira, 0, ['ehr'])
    const busy = () => answered(views[0]?.webContents, `${authority}/launch/ehr`, 503)
    const launches = async (ms: number) => {
      launch.mockClear()
      await vi.advanceTimersByTimeAsync(ms)
      return launch.mock.calls.length
    }
    return { workspace, views, events, busy, launches }
  }

  test('is asked again by itself a few times, ever later, then only by somebody', async () => {
    const { workspace, events, busy, launches } = await opened()
    for (const pause of [5_000, 15_000, 45_000]) {
      busy()
      expect(events.at(-1)).toBe('s-mira ehr failed unanswered')
      expect(await launches(pause - 1)).toBe(0)
      expect(await launches(1)).toBe(1)
      expect(events.at(-1)).toBe('s-mira ehr opening')
    }
    busy()
    expect(await launches(600_000)).toBe(0)
    await workspace.relaunch(mira, 'ehr')
    busy()
    expect(await launches(5_000)).toBe(1)
  })

  test('is asked again too when it gives no launch', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const launch = vi.fn<(id: string, application: string) => Promise<string>>(() =>
      Promise.reject(new AuthorityError('store-busy', 'test')),
    )
    await seat(launch).workspace.open(mira, 0, ['ehr'])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(launch).toHaveBeenCalledTimes(4)
    silent.mockRestore()
  })

  test('has all its chances again once the application worked', async () => {
    const { views, busy, launches } = await opened()
    busy()
    await launches(5_000)
    ready(views[0]?.webContents, 'https://ehr.hospital.example/')
    busy()
    expect(await launches(5_000)).toBe(1)
  })

  test('is not asked again for what its owner opened meanwhile, or for a session that is over', async () => {
    const { workspace, busy, launches } = await opened()
    busy()
    await workspace.relaunch(mira, 'ehr')
    expect(await launches(60_000)).toBe(0)
    busy()
    void workspace.close(mira, 0)
    expect(await launches(60_000)).toBe(0)
  })
})

test('a launch that another one followed says nothing any more, and opens nothing', async () => {
  const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const launches: PromiseWithResolvers<string>[] = []
  const { workspace, views, events } = seat(() => {
    const next = Promise.withResolvers<string>()
    launches.push(next)
    return next.promise
  })
  const opening = workspace.open(mira, 0, ['ehr'])
  const first = workspace.relaunch(mira, 'ehr')
  const second = workspace.relaunch(mira, 'ehr')
  launches[0]?.reject(new Error('late'))
  launches[2]?.resolve(`${authority}/launch/new`)
  launches[1]?.resolve(`${authority}/launch/old`)
  await Promise.all([opening, first, second])
  expect(views.map(({ webContents }) => webContents.url)).toEqual([`${authority}/launch/new`])
  expect(events).toEqual(['opened s-mira'])
  silent.mockRestore()
})

test('what is launched anew may go where the authority is now, and no longer where it was', async () => {
  const moved = 'http://127.0.0.1:5000'
  const urls = [`${authority}/launch/1`, `${moved}/launch/2`]
  const { workspace, views, events, at } = seat(() => Promise.resolve(urls.shift() ?? ''))
  await workspace.open(mira, 0, ['ehr'])
  at.origin = moved
  await workspace.relaunch(mira, 'ehr')
  expect(views[0]?.webContents.url).toBe(`${moved}/launch/2`)
  const preventDefault = vi.fn<() => void>()
  const event = { url: `${authority}/launch/1`, isMainFrame: true, preventDefault }
  views[0]?.webContents.emit('will-navigate', event)
  expect(preventDefault).toHaveBeenCalledOnce()
  expect(events.at(-1)).toBe(`refused navigation ${authority}`)
})

test('what opens behind another workspace stays hidden, and takes no focus', async () => {
  const { workspace, views, arrangement } = seat()
  await workspace.open(mira, 0, ['ehr'])
  await workspace.open(otto, 1, ['ehr'])
  ready(views[1]?.webContents, 'https://ehr.hospital.example/')
  workspace.show(otto, arrangement())
  const focused = views.map(({ webContents }) => vi.spyOn(webContents, 'focus'))
  await workspace.relaunch(mira, 'ehr')
  ready(views[0]?.webContents, 'https://ehr.hospital.example/')
  workspace.show(otto, arrangement())
  expect(views.map(({ visible }) => visible)).toEqual([false, true])
  for (const focus of focused) expect(focus).not.toHaveBeenCalled()
})

test('closing hides, removes and closes the views, then the slot is proven to be empty', async () => {
  const { workspace, views, removed, events } = seat()
  await workspace.open(mira, 3, ['ehr', 'imaging'])
  await workspace.close(mira, 3)
  expect(removed).toHaveLength(2)
  expect(views.map(({ webContents }) => webContents.closed)).toEqual([true, true, true])
  expect(events.at(-1)).toBe('cleared s-mira 3 true')
})

test('a page that leads elsewhere is stopped and told', async () => {
  const { workspace, views, events } = seat()
  await workspace.open(mira, 0, ['ehr'])
  const preventDefault = vi.fn<() => void>()
  const url = 'https://pacs.hospital.example/'
  views[0]?.webContents.emit('will-navigate', { url, isMainFrame: true, preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
  expect(events.at(-1)).toBe('refused navigation https://pacs.hospital.example')
})

test('a page that becomes ready after its view was closed is no news, and no fault', async () => {
  const { workspace, views, events } = seat()
  await workspace.open(mira, 2, ['ehr'])
  await workspace.close(mira, 2)
  const before = [...events]
  ready(views[0]?.webContents, 'https://late.example/')
  expect(events).toEqual(before)
})
