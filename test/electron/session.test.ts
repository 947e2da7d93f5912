import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createView, newUserData, serve, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'

let standIn: StandIn
let server: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  standIn = await startBlank()
  server = await serve((request, response) => {
    if (request.url === '/worker.js')
      response
        .setHeader('content-type', 'text/javascript')
        .end('addEventListener("fetch", () => {})')
    else
      response
        .setHeader('content-type', 'text/html')
        .setHeader('set-cookie', ['server=1; HttpOnly'])
        .end('<p>here')
  })
})
afterAll(async () => {
  await standIn.close()
  server.close()
})

/** Leaves something in every store that a page has. */
const fill = async (page: Page) => {
  await page.evaluate(async () => {
    document.cookie = 'page=1'
    localStorage.setItem('key', 'value')
    await caches.open('cache')
    await new Promise((resolve) => {
      const open = indexedDB.open('database')
      open.addEventListener('upgradeneeded', () => open.result.createObjectStore('store'))
      open.addEventListener('success', () => {
        open.result.close()
        resolve(null)
      })
    })
    await navigator.serviceWorker.register('/worker.js')
    await navigator.serviceWorker.ready
  })
}

const left = (page: Page) =>
  page.evaluate(async () => ({
    cookie: document.cookie,
    local: localStorage.length,
    caches: (await caches.keys()).length,
    databases: (await indexedDB.databases()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }))

const full = { cookie: 'page=1', local: 1, caches: 1, databases: 1, workers: 1 }
const empty = { cookie: '', local: 0, caches: 0, databases: 0, workers: 0 }

const open = async (partition?: string) => {
  const view = createView(standIn.electron, partition === undefined ? {} : { partition })
  await view.webContents.loadURL(server.url())
  return { view, page: await view.webContents.page(), session: view.webContents.session }
}

describe('partitions', () => {
  test('one name is one session; two names share nothing', async () => {
    const { session } = standIn.electron
    expect(session.fromPartition('one')).toBe(session.fromPartition('one'))
    const one = await open('one')
    await fill(one.page)
    const again = await open('one')
    expect(await left(again.page)).toEqual(full)
    const two = await open('two')
    expect(await left(two.page)).toEqual(empty)
  })

  test('a persistent one comes back in the next run, a volatile one does not', async () => {
    const userData = newUserData()
    const run = async (partition: string) => {
      const other = await startBlank({ userData, browser: standIn.browser })
      const view = createView(other.electron, { partition })
      await view.webContents.loadURL(server.url())
      const page = await view.webContents.page()
      const before = await page.evaluate(() => localStorage.getItem('key'))
      await page.evaluate(() => localStorage.setItem('key', 'value'))
      await other.close()
      return before
    }
    expect(await run('persist:kept')).toBeNull()
    expect(await run('persist:kept')).toBe('value')
    expect(await run('volatile')).toBeNull()
    expect(await run('volatile')).toBeNull()
  })
})

describe('clearing', () => {
  test.each(['clearStorageData', 'clearData'] as const)(
    '%s empties every store, also while the page is open',
    async (call) => {
      const { page, session } = await open()
      await fill(page)
      expect(await left(page)).toEqual(full)
      await session[call]()
      expect(await session.cookies.get({})).toEqual([])
      expect(await left(page)).toEqual(empty)
    },
  )

  test('it reaches what closed views left behind', async () => {
    const { page, view, session } = await open('left-behind')
    await fill(page)
    view.webContents.close()
    await session.clearData()
    const again = await open('left-behind')
    expect(await left(again.page)).toEqual(empty)
  })

  test('named stores and origins only, when asked so', async () => {
    const { page, session } = await open()
    await fill(page)
    await session.clearStorageData({ storages: ['localstorage', 'serviceworkers'] })
    expect(await left(page)).toEqual({ ...full, local: 0, workers: 0 })
    await session.clearData({ origins: ['https://other.example'] })
    expect(await left(page)).toEqual({ ...full, local: 0, workers: 0 })
  })

  test('clearCache makes Chromium ask the server again', async () => {
    let asked = 0
    const cached = await serve((request, response) => {
      if (request.url === '/cached') asked += 1
      response.setHeader('cache-control', 'max-age=3600').end('x')
    })
    const { view, page, session } = await open()
    await view.webContents.loadURL(cached.url())
    const get = () => page.evaluate(() => fetch('/cached').then((response) => response.text()))
    await get()
    await get()
    expect(asked).toBe(1)
    await session.clearCache()
    await get()
    expect(asked).toBe(2)
    cached.close()
  })
})

test('cookies can be read, set and removed as Chromium holds them', async () => {
  const { session } = await open()
  expect(await session.cookies.get({ name: 'server' })).toMatchObject([
    {
      name: 'server',
      value: '1',
      httpOnly: true,
      hostOnly: true,
      session: true,
      domain: 'localhost',
    },
  ])
  const expirationDate = Math.floor(Date.now() / 1000) + 3600
  await session.cookies.set({
    url: 'https://ehr.hospital.example/',
    name: 'set',
    value: '2',
    secure: true,
    sameSite: 'strict',
    expirationDate,
  })
  expect(await session.cookies.get({ domain: 'hospital.example' })).toMatchObject([
    { name: 'set', secure: true, sameSite: 'strict', session: false, expirationDate },
  ])
  await session.cookies.remove('https://ehr.hospital.example/', 'set')
  expect(await session.cookies.get({ domain: 'hospital.example' })).toEqual([])
})

describe('permissions', () => {
  const ask = (page: Page) =>
    page.evaluate(async () => ({
      notifications: await Notification.requestPermission(),
      geolocation: await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          ({ code }) => resolve(code === 1 ? 'denied' : 'unavailable'),
        )
      }),
      clipboard: await navigator.clipboard.readText().then(
        () => 'granted',
        (error: Error) => error.name,
      ),
      media: await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      ),
    }))

  test('handlers that deny see every request with its origin, and pages are denied', async () => {
    const view = createView(standIn.electron)
    const { session } = view.webContents
    const asked: unknown[] = []
    session.setPermissionRequestHandler((webContents, permission, callback, details) => {
      asked.push([webContents.id === view.webContents.id, permission, details.requestingUrl])
      callback(false)
    })
    session.setPermissionCheckHandler(() => false)
    await view.webContents.loadURL(server.url())
    const page = await view.webContents.page()
    expect(await ask(page)).toEqual({
      notifications: 'denied',
      geolocation: 'denied',
      clipboard: 'NotAllowedError',
      media: 'NotAllowedError',
    })
    expect(asked).toEqual(
      ['notifications', 'geolocation', 'clipboard-read', 'media'].map((permission) => [
        true,
        permission,
        server.url(),
      ]),
    )
    const states = await page.evaluate(async () => [
      (await navigator.permissions.query({ name: 'geolocation' })).state,
      Notification.permission,
    ])
    expect(states).toEqual(['denied', 'denied'])
  })

  test('what the handler allows is allowed', async () => {
    const view = createView(standIn.electron)
    view.webContents.session.setPermissionCheckHandler(() => false)
    view.webContents.session.setPermissionRequestHandler((_, permission, callback) =>
      callback(permission === 'clipboard-read'),
    )
    await view.webContents.loadURL(server.url())
    const page = await view.webContents.page()
    expect(await ask(page)).toMatchObject({ notifications: 'denied', clipboard: 'granted' })
  })
})
