import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fixture, html, openShell, serve, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'

/* What the fixture preload exposes; typed here because it only exists within the pages. */
declare const bridge: {
  invoke(channel: string, ...args: unknown[]): Promise<unknown>
  send(channel: string, ...args: unknown[]): void
  on(channel: string, listener: (...args: unknown[]) => void): () => void
  nested: { answer: number; list: number[] }
}

let standIn: StandIn
beforeAll(async () => {
  standIn = await startBlank()
  const { ipcMain } = standIn.electron
  ipcMain.handle('echo', (_, ...args) => args)
  ipcMain.handle('describe', (_, ...args) => args.map((arg) => Object.prototype.toString.call(arg)))
  ipcMain.handle('sender', ({ sender, senderFrame }) => ({
    id: sender.id,
    url: senderFrame?.url,
    origin: senderFrame?.origin,
    isMainFrame: senderFrame?.parent === null && senderFrame === sender.mainFrame,
  }))
  ipcMain.handle('boom', () => {
    throw new TypeError('kaput')
  })
  ipcMain.handle('uncloneable', () => () => 1)
})
afterAll(async () => {
  await standIn.close()
})

describe('the bridge', () => {
  test('the page gets the exposed object, frozen to the bottom, and nothing else', async () => {
    const { page } = await openShell(standIn.electron)
    const seen = await page.evaluate(() => ({
      api: Object.keys(bridge),
      frozen: [bridge, bridge.nested, bridge.nested.list].map((part) => Object.isFrozen(part)),
      answer: bridge.nested.answer,
      replaced: Reflect.set(globalThis, 'bridge', 1),
      leaked: ['require', 'process', 'module', 'electron', 'ipcRenderer'].filter(
        (name) => name in globalThis,
      ),
      internals: Object.getOwnPropertyNames(globalThis).filter((name) => /stand/i.test(name)),
    }))
    expect(seen).toEqual({
      api: ['invoke', 'send', 'on', 'nested'],
      frozen: [true, true, true],
      answer: 42,
      replaced: false,
      leaked: [],
      internals: [],
    })
  })

  test('a reload gives the new document its own bridge', async () => {
    const { view, page } = await openShell(standIn.electron)
    const loaded = new Promise<void>((resolve) => {
      view.webContents.once('did-finish-load', () => resolve())
    })
    view.webContents.reload()
    await loaded
    expect(await page.evaluate(() => bridge.invoke('echo', 1))).toEqual([1])
  })

  test('listeners of the page get messages in order until they unsubscribe', async () => {
    const { view, page } = await openShell(standIn.electron)
    await page.evaluate(() => {
      const got: unknown[] = []
      Reflect.set(globalThis, 'got', got)
      Reflect.set(
        globalThis,
        'stop',
        bridge.on('news', (...args) => got.push(args)),
      )
    })
    for (let count = 0; count < 20; count += 1)
      view.webContents.send('news', count, new Date(count))
    await page.waitForFunction(() => Reflect.get(globalThis, 'got').length === 20)
    const counts = await page.evaluate(() => {
      Reflect.get(globalThis, 'stop')()
      return Reflect.get(globalThis, 'got').map(([count, date]: [number, Date]) => [
        count,
        date.getTime(),
      ])
    })
    expect(counts).toEqual(Array.from({ length: 20 }, (_, count) => [count, count]))
    view.webContents.send('news', 'late')
    await page.evaluate(() => bridge.invoke('echo'))
    expect(await page.evaluate(() => Reflect.get(globalThis, 'got').length)).toBe(20)
  })

  test('iframes, of this origin or another, and error pages get no bridge', async () => {
    const server = await serve((_, response) => response.end('<p>other'))
    const { page, view } = await openShell(standIn.electron, (request) =>
      new URL(request.url).pathname === '/inner'
        ? html('<p>same')
        : html(`<iframe src="/inner"></iframe><iframe src="${server.url()}"></iframe>`),
    )
    expect(page.frames()).toHaveLength(3)
    for (const frame of page.frames())
      expect(await frame.evaluate(() => typeof bridge)).toBe(
        frame === page.mainFrame() ? 'object' : 'undefined',
      )
    server.close()
    view.webContents.session.protocol.unhandle('https')
    await expect(view.webContents.loadURL(server.url())).rejects.toThrow(
      /^ERR_CONNECTION_REFUSED \(-102\) loading/,
    )
    expect(await page.evaluate(() => [location.protocol, typeof bridge])).toEqual([
      'chrome-error:',
      'undefined',
    ])
  })

  test('a preload that fails is reported and exposes nothing more', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const { WebContentsView } = standIn.electron
    const view = new WebContentsView({
      webPreferences: { partition: 'broken', preload: fixture('broken-preload.cjs') },
    })
    const failed = new Promise<Error>((resolve) => {
      view.webContents.once('preload-error', (_, __, error: Error) => resolve(error))
    })
    await view.webContents.loadURL('data:text/html,<p>hello')
    expect((await failed).message).toBe('module not found: node:fs')
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })
})

describe('calls', () => {
  test('values of every cloneable kind arrive as they were', async () => {
    const { page } = await openShell(standIn.electron)
    const kinds = await page.evaluate(() =>
      bridge.invoke(
        'describe',
        new Date(0),
        new Map([[1, 2]]),
        new Set([1]),
        new Uint8Array([1]),
        1n,
        undefined,
        null,
      ),
    )
    expect(kinds).toEqual([
      '[object Date]',
      '[object Map]',
      '[object Set]',
      '[object Uint8Array]',
      '[object BigInt]',
      '[object Undefined]',
      '[object Null]',
    ])
    const back = await page.evaluate(async () => {
      const values = (await bridge.invoke('echo', Number.NaN, -0, new Map([['k', 1n]]))) as [
        number,
        number,
        Map<string, bigint>,
      ]
      return [Number.isNaN(values[0]), Object.is(values[1], -0), String(values[2].get('k'))]
    })
    expect(back).toEqual([true, true, '1'])
  })

  test('errors arrive with the words of Electron', async () => {
    const { page } = await openShell(standIn.electron)
    const fail = (channel: string) =>
      page.evaluate(
        (name) => bridge.invoke(name).catch((error: Error) => [error.name, error.message]),
        channel,
      )
    expect(await fail('boom')).toEqual([
      'Error',
      "Error invoking remote method 'boom': TypeError: kaput",
    ])
    expect(await fail('nobody')).toEqual([
      'Error',
      "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'",
    ])
    expect(await fail('uncloneable')).toEqual([
      'Error',
      "Error invoking remote method 'uncloneable': Error: An object could not be cloned.",
    ])
    expect(
      await page.evaluate(() =>
        bridge.invoke('echo', () => 1).catch((error: Error) => error.message),
      ),
    ).toBe('An object could not be cloned.')
  })

  test('a second handler for a channel is refused', () => {
    const { ipcMain } = standIn.electron
    expect(() => ipcMain.handle('echo', () => 1)).toThrow(
      "Attempted to register a second handler for 'echo'",
    )
    ipcMain.handle('once-more', () => 1)
    ipcMain.removeHandler('once-more')
    expect(() => ipcMain.handle('once-more', () => 2)).not.toThrow()
  })

  test('the handler learns which frame of which contents called', async () => {
    const { page, view } = await openShell(standIn.electron)
    expect(await page.evaluate(() => bridge.invoke('sender'))).toEqual({
      id: view.webContents.id,
      url: 'https://agent.hospital.example/',
      origin: 'https://agent.hospital.example',
      isMainFrame: true,
    })
  })

  test('messages that expect no answer reach ipcMain.on', async () => {
    const { page } = await openShell(standIn.electron)
    const got = new Promise<unknown[]>((resolve) => {
      standIn.electron.ipcMain.once('note', (_, ...args) => resolve(args))
    })
    await page.evaluate(() => bridge.send('note', 'hello', 3))
    expect(await got).toEqual(['hello', 3])
  })

  test('a thousand calls at once are all answered', async () => {
    const { page } = await openShell(standIn.electron)
    const sum = await page.evaluate(async () => {
      const calls = Array.from({ length: 1000 }, (_, index) => bridge.invoke('echo', index))
      const answers = (await Promise.all(calls)) as [number][]
      return answers.reduce((total, [value]) => total + value, 0)
    })
    expect(sum).toBe(499_500)
  })

  test('the median call takes a few milliseconds at most', async () => {
    const { page } = await openShell(standIn.electron)
    const median = await page.evaluate(async () => {
      const times: number[] = []
      for (let count = 0; count < 100; count += 1) {
        const start = performance.now()
        await bridge.invoke('echo', count)
        times.push(performance.now() - start)
      }
      return times.toSorted((left, right) => left - right)[50]
    })
    expect(median).toBeLessThan(15)
  })
})
