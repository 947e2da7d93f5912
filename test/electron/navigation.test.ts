import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createView, html, openShell, serve, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'
import type { StandInWebContents } from './web-contents.ts'

let standIn: StandIn
let server: Awaited<ReturnType<typeof serve>>
let requests: string[] = []
beforeAll(async () => {
  standIn = await startBlank()
  server = await serve((request, response) => {
    requests.push(request.url ?? '')
    if (request.url === '/redirect') response.writeHead(302, { location: '/target' }).end()
    else if (request.url === '/to-busy') response.writeHead(302, { location: '/busy' }).end()
    else if (request.url === '/busy') response.writeHead(503).end('<title>busy</title>')
    else response.setHeader('content-type', 'text/html').end(`<title>${request.url}</title>`)
  })
})
beforeEach(() => {
  requests = []
})
afterAll(async () => {
  await standIn.close()
  server.close()
})

const names = [
  'will-frame-navigate',
  'will-navigate',
  'will-redirect',
  'did-navigate',
  'dom-ready',
  'did-finish-load',
  'did-fail-load',
] as const

const record = (webContents: StandInWebContents): string[] => {
  const seen: string[] = []
  for (const name of names) webContents.on(name, () => seen.push(name))
  return seen
}

const once = (webContents: StandInWebContents, name: string) =>
  new Promise<unknown[]>((resolve) => {
    webContents.once(name, (...args) => resolve(args))
  })

describe('navigation by the application', () => {
  test('emits no will-navigate, and loadURL resolves when the page is there', async () => {
    const { webContents } = createView(standIn.electron)
    const seen = record(webContents)
    await webContents.loadURL(`${server.url()}one#part`)
    expect(seen).toEqual(['did-navigate', 'dom-ready', 'did-finish-load'])
    expect(webContents.getURL()).toBe(`${server.url()}one#part`)
    await expect.poll(() => webContents.getTitle()).toBe('/one')
  })

  test('a redirect can be prevented, and then nothing of its target is asked for', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(`${server.url()}start`)
    webContents.once('will-redirect', (event: Electron.Event) => event.preventDefault())
    await expect(webContents.loadURL(`${server.url()}redirect`)).rejects.toMatchObject({
      code: 'ERR_ABORTED',
      errno: -3,
    })
    expect(requests).toEqual(['/start', '/redirect'])
  })

  test('a page with an error is loaded like any other, and its code is told', async () => {
    const { webContents } = createView(standIn.electron)
    const seen: unknown[] = []
    webContents.on('did-navigate', (_, url, status) => seen.push([url, status]))
    for (const path of ['to-busy', 'one']) await webContents.loadURL(`${server.url()}${path}`)
    expect(seen).toEqual([
      [`${server.url()}busy`, 503],
      [`${server.url()}one`, 200],
    ])
  })

  test('a host without an answer rejects with the error of the network', async () => {
    const { webContents } = createView(standIn.electron)
    const failed = once(webContents, 'did-fail-load')
    await expect(webContents.loadURL('http://127.0.0.1:9/')).rejects.toThrow(
      /^ERR_(CONNECTION_REFUSED|UNSAFE_PORT) \(-\d+\) loading 'http:\/\/127.0.0.1:9\/'$/,
    )
    expect((await failed)[3]).toBe('http://127.0.0.1:9/')
  })

  test('text that is no address is refused', async () => {
    const { webContents } = createView(standIn.electron)
    await expect(webContents.loadURL('nonsense')).rejects.toMatchObject({ errno: -300 })
  })
})

describe('navigation by a page', () => {
  test('asks both listeners with the address, then goes on', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(`${server.url()}start`)
    const seen = record(webContents)
    const asked = once(webContents, 'will-navigate')
    const finished = once(webContents, 'did-finish-load')
    await (await webContents.page()).evaluate(() => location.assign('/next'))
    const [event, url] = await asked
    expect(url).toBe(`${server.url()}next`)
    expect(event).toMatchObject({ url, isMainFrame: true, isSameDocument: false })
    await finished
    expect(seen).toEqual([
      'will-frame-navigate',
      'will-navigate',
      'did-navigate',
      'dom-ready',
      'did-finish-load',
    ])
  })

  test('a prevented one never reaches the server, and the page stays', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(`${server.url()}start`)
    const asked = once(webContents, 'will-navigate')
    webContents.once('will-navigate', (event: Electron.Event) => event.preventDefault())
    const page = await webContents.page()
    await page.evaluate(() => location.assign('/forbidden'))
    await asked
    await page.evaluate(() => fetch('/after'))
    expect(requests).toEqual(['/start', '/after'])
    expect(webContents.getURL()).toBe(`${server.url()}start`)
  })

  test('frames ask will-frame-navigate only', async () => {
    const { view, page } = await openShell(standIn.electron, ({ url }) =>
      html(url.endsWith('/') ? '<iframe src="/inner"></iframe>' : 'inner'),
    )
    const seen: unknown[] = []
    view.webContents.on('will-navigate', () => seen.push('main'))
    view.webContents.on('will-frame-navigate', (event: Electron.Event & { url: string }) => {
      seen.push(event.url)
      event.preventDefault()
    })
    await page.evaluate(() => document.querySelector('iframe')?.setAttribute('src', '/other'))
    await expect.poll(() => seen).toEqual(['https://agent.hospital.example/other'])
    expect(page.frames().map((frame) => frame.url())).not.toContain(
      'https://agent.hospital.example/other',
    )
  })
})

describe('windows', () => {
  const openWith = async (open: () => unknown) => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(`${server.url()}start`)
    const asked = new Promise<Electron.HandlerDetails>((resolve) => {
      webContents.setWindowOpenHandler((details) => {
        resolve(details)
        return { action: 'deny' }
      })
    })
    const page = await webContents.page()
    const returned = await page.evaluate(open)
    const details = await asked
    await expect.poll(() => page.context().pages()).toHaveLength(1)
    return { returned, details }
  }

  test('window.open asks the handler, and a denied one gives null and asks no server', async () => {
    const { returned, details } = await openWith(() => window.open('/popup', 'name', 'width=100'))
    expect(returned).toBeNull()
    expect(details).toMatchObject({
      url: `${server.url()}popup`,
      frameName: 'name',
      features: 'width=100',
    })
    expect(requests).toEqual(['/start'])
  })

  test('a link with a target asks the handler, and a denied one asks no server', async () => {
    const { details } = await openWith(() => {
      document.body.innerHTML = '<a href="/popup" target="_blank"><b>open</b></a>'
      document.querySelector('b')?.click()
    })
    expect(details.url).toBe(`${server.url()}popup`)
    expect(requests).toEqual(['/start'])
  })

  test('a form with a target asks the handler, and the window is closed again', async () => {
    const { details } = await openWith(() => {
      document.body.innerHTML = '<form action="/popup" target="_blank"></form>'
      document.querySelector('form')?.submit()
    })
    expect(details.disposition).toBe('foreground-tab')
  })
})

describe('a crash', () => {
  test('is reported, and the next load gets a fresh page under the same id', async () => {
    const { webContents } = createView(standIn.electron, { preload: true })
    await webContents.loadURL(`${server.url()}start`)
    const before = standIn.page(webContents.id)
    const gone = once(webContents, 'render-process-gone')
    webContents.forcefullyCrashRenderer()
    expect((await gone)[1]).toMatchObject({ reason: 'crashed' })
    expect(webContents.isCrashed()).toBe(true)
    expect(webContents.isDestroyed()).toBe(false)
    await webContents.loadURL(`${server.url()}again`)
    const after = standIn.page(webContents.id)
    expect(after).not.toBe(before)
    expect(await after.title()).toBe('/again')
    expect(await after.evaluate(() => 'bridge' in globalThis)).toBe(true)
  })
})

describe('downloads', () => {
  test('are announced to the session and not kept', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(`${server.url()}start`)
    const announced = new Promise<unknown[]>((resolve) => {
      webContents.session.once('will-download', (_, item: Electron.DownloadItem, from) =>
        resolve([item.getURL(), item.getFilename(), from]),
      )
    })
    await (
      await webContents.page()
    ).evaluate(() => {
      document.body.innerHTML = '<a href="data:text/plain,secret" download="chart.txt">save</a>'
      document.querySelector('a')?.click()
    })
    expect(await announced).toEqual(['data:text/plain,secret', 'chart.txt', webContents])
  })
})

describe('input', () => {
  test('keys and clicks in any contents are reported and end the idle time', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(
      'data:text/html,<input autofocus><iframe srcdoc="<button>b"></iframe>',
    )
    const page = await webContents.page()
    const key = once(webContents, 'before-input-event')
    await page.locator('input').press('a')
    expect((await key)[1]).toMatchObject({ type: 'keyDown', key: 'a', code: 'KeyA' })
    await expect
      .poll(async () => {
        const click = once(webContents, 'input-event')
        await page.frameLocator('iframe').locator('button').click()
        return await click
      })
      .toMatchObject([{}, { modifiers: [] }])
    expect(standIn.electron.powerMonitor.getSystemIdleTime()).toBe(0)
  })

  test('what scripts dispatch is not the user', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(`${server.url()}start`)
    const seen: unknown[] = []
    webContents.on('input-event', (_, input) => seen.push(input))
    const page = await webContents.page()
    await page.evaluate(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'a' })))
    await page.evaluate(() => fetch('/after'))
    expect(seen).toEqual([])
  })
})
