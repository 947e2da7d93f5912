import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createView, fixture, newUserData, openShell, startBlank } from './fixtures/harness.ts'
import { launchStandIn, type StandIn } from './launch.ts'

let standIn: StandIn
beforeAll(async () => {
  standIn = await startBlank({ size: { width: 1600, height: 900 } })
})
afterAll(async () => {
  await standIn.close()
})
const again = (options: Parameters<typeof startBlank>[0] = {}) =>
  startBlank({ browser: standIn.browser, ...options })

describe('an application', () => {
  test('gets its own module electron at every launch, by import and by require', async () => {
    const run = () =>
      launchStandIn({ entry: fixture('app.ts'), userData: newUserData(), browser: standIn.browser })
    const first = await run()
    const second = await run()
    const names = ({ entry }: StandIn) => entry as { readonly required: unknown; view: unknown }
    expect(first.electron).not.toBe(second.electron)
    expect(names(first).required).toBe(first.electron.app)
    expect(names(second).required).toBe(second.electron.app)
    expect(first.webContents()).toHaveLength(1)
    await first.close()
    await second.close()
  })

  test('is refused what Electron refuses before it is ready', async () => {
    const early = await launchStandIn({
      entry: fixture('too-early.ts'),
      userData: newUserData(),
      browser: standIn.browser,
    })
    const { entry, electron } = early
    expect((entry as { errors: unknown }).errors).toEqual({
      window: 'Cannot create BaseWindow before app is ready',
      session: 'Session can only be received when app is ready',
      screen: "The 'screen' module can't be used before the app 'ready' event",
      utilityProcess: 'utilityProcess cannot be created before app is ready.',
      backend: 'unknown',
    })
    expect(() => electron.app.enableSandbox()).toThrow(/before app is ready/)
    expect(() => electron.protocol.registerSchemesAsPrivileged([])).toThrow(/before app is ready/)
    await early.close()
  })

  test('that fails to start fails the launch', async () => {
    await expect(
      launchStandIn({
        entry: fixture('failing.ts'),
        userData: newUserData(),
        browser: standIn.browser,
      }),
    ).rejects.toThrow('cannot start')
  })

  test('knows its paths, name and version', () => {
    const { app } = standIn.electron
    expect(existsSync(app.getPath('userData'))).toBe(true)
    expect(existsSync(`${app.getAppPath()}/package.json`)).toBe(true)
    expect(app.isPackaged).toBe(false)
    expect(app.getVersion()).toMatch(/^\d+\.\d+\.\d+$/)
    expect(() => app.getPath('nowhere' as 'home')).toThrow("Failed to get 'nowhere' path")
  })

  test('may run once per user data folder; the first hears of the second', async () => {
    const userData = newUserData()
    const first = await again({ userData })
    const second = await again({ userData, argv: ['--second'] })
    expect(first.electron.app.requestSingleInstanceLock()).toBe(true)
    const heard = new Promise<unknown>((resolve) => {
      first.electron.app.on('second-instance', (_, argv) => resolve(argv))
    })
    expect(second.electron.app.requestSingleInstanceLock()).toBe(false)
    expect(await heard).toEqual(['--second'])
    await second.close()
    await first.close()
    const third = await again({ userData })
    expect(third.electron.app.requestSingleInstanceLock()).toBe(true)
    await third.close()
  })

  test('quits in the order of Electron, and may prevent it', async () => {
    const other = await again()
    const { app, BaseWindow } = other.electron
    const seen: string[] = []
    const window = new BaseWindow()
    window.on('close', () => seen.push('close'))
    window.on('closed', () => seen.push('closed'))
    for (const name of ['before-quit', 'will-quit', 'quit']) app.on(name, () => seen.push(name))
    app.once('before-quit', (event: Electron.Event) => event.preventDefault())
    app.quit()
    expect(seen).toEqual(['before-quit'])
    app.quit()
    expect(seen).toEqual(['before-quit', 'before-quit', 'close', 'closed', 'will-quit', 'quit'])
    expect(await other.exited).toBe(0)
  })

  test('exits with its code at once, and ends nothing but itself', async () => {
    const other = await again()
    const { view } = await openShell(other.electron)
    other.electron.app.exit(3)
    expect(await other.exited).toBe(3)
    expect(view.webContents.isDestroyed()).toBe(true)
    expect(standIn.browser.isConnected()).toBe(true)
  })
})

describe('a window', () => {
  test('is state that can be looked at', () => {
    const { BaseWindow } = standIn.electron
    const window = new BaseWindow({ width: 800, height: 600, show: false, title: 'One' })
    const below = createView(standIn.electron)
    const above = createView(standIn.electron)
    window.contentView.addChildView(above)
    window.contentView.addChildView(below, 0)
    above.setBounds({ x: 0, y: 88, width: 800, height: 512 })
    above.setVisible(false)
    window.setKiosk(true)
    window.setAlwaysOnTop(true, 'screen-saver')
    window.setContentProtection(true)
    window.show()
    expect(standIn.windows()).toMatchObject([
      {
        title: 'One',
        bounds: { x: 0, y: 0, width: 1600, height: 900 },
        kiosk: true,
        alwaysOnTop: 'screen-saver',
        contentProtection: true,
        visible: true,
        children: [
          { webContentsId: below.webContents.id, visible: true },
          {
            webContentsId: above.webContents.id,
            visible: false,
            bounds: { x: 0, y: 88, width: 800, height: 512 },
          },
        ],
      },
    ])
    // A child that is added again becomes the topmost.
    window.contentView.addChildView(below)
    expect(window.contentView.children).toEqual([above, below])
    window.destroy()
    expect(() => window.show()).toThrow('Object has been destroyed')
    expect(() => window.contentView).toThrow('Object has been destroyed')
    expect(below.webContents.isDestroyed()).toBe(false)
  })

  test('a prevented close keeps it', () => {
    const window = new standIn.electron.BaseWindow()
    window.once('close', (event: Electron.Event) => event.preventDefault())
    window.close()
    expect(window.isDestroyed()).toBe(false)
    window.close()
    expect(window.isDestroyed()).toBe(true)
  })
})

describe('web contents', () => {
  test('are all listed with the preferences they were made with, also when they are gone', async () => {
    const other = await again()
    const created = new Promise<unknown>((resolve) => {
      other.electron.app.once('web-contents-created', (_, webContents) => resolve(webContents))
    })
    const { view } = await openShell(other.electron)
    expect(await created).toBe(view.webContents)
    expect(other.webContents()).toMatchObject([
      {
        id: view.webContents.id,
        url: 'https://agent.hospital.example/',
        webPreferences: { preload: fixture('preload.cjs'), sandbox: true },
      },
    ])
    const destroyed = new Promise<void>((resolve) => {
      view.webContents.once('destroyed', () => resolve())
    })
    view.webContents.close()
    await destroyed
    expect(other.webContents()).toEqual([])
    expect(other.everCreated()).toMatchObject([{ id: view.webContents.id }])
    expect(() => view.webContents.send('x')).toThrow('Object has been destroyed')
    expect(() => view.webContents.loadURL('about:blank')).toThrow('Object has been destroyed')
    await other.close()
  })

  test('have the size of their view', async () => {
    const view = createView(standIn.electron)
    view.setBounds({ x: 0, y: 0, width: 640, height: 480 })
    await view.webContents.loadURL('data:text/html,hello')
    const page = await view.webContents.page()
    const size = () => page.evaluate(() => [innerWidth, innerHeight])
    expect(await size()).toEqual([640, 480])
    view.setBounds({ x: 0, y: 0, width: 320, height: 200 })
    await expect.poll(size).toEqual([320, 200])
  })

  test.each([
    [{ sandbox: false }],
    [{ contextIsolation: false }],
    [{ nodeIntegration: true }],
    [{ webSecurity: false }],
    [{ preload: 'relative.cjs' }],
  ])('are refused the preferences %o', (webPreferences) => {
    const { WebContentsView } = standIn.electron
    expect(() => new WebContentsView({ webPreferences })).toThrow(/does not provide|absolute path/)
  })
})

describe('what the stand-in does not provide', () => {
  test.each([
    ['electron.dialog', () => Reflect.get(standIn.electron, 'dialog')],
    ['StandInApp.setBadgeCount', () => Reflect.get(standIn.electron.app, 'setBadgeCount')],
    ['session.fromPath', () => Reflect.get(standIn.electron.session, 'fromPath')],
    [
      'StandInWebContents.executeJavaScript',
      () => Reflect.get(createView(standIn.electron).webContents, 'executeJavaScript'),
    ],
    [
      "the event 'session-end' of BaseWindow",
      () => new standIn.electron.BaseWindow().on('session-end', () => undefined),
    ],
  ])('%s throws, naming it', (name, use) => {
    expect(use).toThrow(`The stand-in for Electron does not provide ${name}.`)
  })
})

describe('safeStorage', () => {
  test('reads in the next run what it sealed in this one', async () => {
    const userData = newUserData()
    const first = await again({ userData })
    const sealed = await first.electron.safeStorage.encryptStringAsync('secret')
    expect(sealed.toString('latin1')).not.toContain('secret')
    await first.close()
    const second = await again({ userData })
    expect(await second.electron.safeStorage.decryptStringAsync(sealed)).toEqual({
      result: 'secret',
      shouldReEncrypt: false,
    })
    await expect(
      second.electron.safeStorage.decryptStringAsync(Buffer.from('nonsense')),
    ).rejects.toThrow(/Error while decrypting/)
    await second.close()
  })

  test('can be as poor as on a machine without a keyring', async () => {
    const poor = await again({ safeStorage: 'unavailable' })
    expect(poor.electron.safeStorage.isEncryptionAvailable()).toBe(false)
    await expect(poor.electron.safeStorage.encryptStringAsync('x')).rejects.toThrow(/not available/)
    await poor.close()
    const plain = await again({ safeStorage: 'basic-text' })
    expect(plain.electron.safeStorage.getSelectedStorageBackend()).toBe('basic_text')
    await plain.close()
  })
})

test('nativeTheme reaches the pages', async () => {
  const other = await again({ colorScheme: 'dark' })
  const { view, page } = await openShell(other.electron)
  const dark = () => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
  expect(await dark()).toBe(true)
  other.electron.nativeTheme.themeSource = 'light'
  await expect.poll(dark).toBe(false)
  expect(view.webContents.isDestroyed()).toBe(false)
  await other.close()
})
