import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createView, html, openShell, serve, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'

let standIn: StandIn
let server: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  standIn = await startBlank()
  server = await serve((_, response) => {
    response.setHeader('x-real', 'yes').setHeader('access-control-allow-origin', '*').end('real')
  })
})
afterAll(async () => {
  await standIn.close()
  server.close()
})

describe('protocol.handle', () => {
  test('the page is a secure context and its content security policy holds', async () => {
    const { page } = await openShell(standIn.electron, ({ url }) =>
      url.endsWith('.js')
        ? new Response('globalThis.external = 1', {
            headers: { 'content-type': 'text/javascript' },
          })
        : html('<script>globalThis.inline = 1</script><script src="/a.js"></script>', {
            'content-security-policy': "default-src 'none'; script-src 'self'",
          }),
    )
    const seen = await page.evaluate(() => [
      isSecureContext,
      Reflect.get(globalThis, 'inline'),
      Reflect.get(globalThis, 'external'),
    ])
    expect(seen).toEqual([true, undefined, 1])
  })

  test('the handler sees method, headers and body', async () => {
    const { page } = await openShell(standIn.electron, async (request) =>
      request.method === 'POST'
        ? Response.json({
            body: [...new Uint8Array(await request.arrayBuffer())],
            type: request.headers.get('content-type'),
          })
        : html(''),
    )
    const answer = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/octet-stream' }
      const body = new Uint8Array([0, 255, 128])
      return await (await fetch('/post', { method: 'POST', headers, body })).json()
    })
    expect(answer).toEqual({ body: [0, 255, 128], type: 'application/octet-stream' })
  })

  test('redirects come back to the handler, to this host and to others', async () => {
    const { page } = await openShell(standIn.electron, ({ url }) => {
      const { pathname, host } = new URL(url)
      if (pathname === '/same')
        return new Response(null, { status: 302, headers: { location: '/end' } })
      if (pathname === '/other')
        return new Response(null, {
          status: 302,
          headers: {
            location: 'https://elsewhere.example/end',
            'access-control-allow-origin': '*',
          },
        })
      if (pathname === '/end')
        return new Response(`end of ${host}`, { headers: { 'access-control-allow-origin': '*' } })
      return html('')
    })
    const text = (path: string) => page.evaluate(async (url) => (await fetch(url)).text(), path)
    expect(await text('/same')).toBe('end of agent.hospital.example')
    expect(await text('/other')).toBe('end of elsewhere.example')
  })

  test('several cookies of one answer are all kept', async () => {
    const { view, page } = await openShell(standIn.electron, () => {
      const response = html('')
      response.headers.append('set-cookie', 'a=1; Path=/; Secure; HttpOnly')
      response.headers.append('set-cookie', 'b=2; Path=/; Secure')
      return response
    })
    expect(await page.evaluate(() => document.cookie)).toBe('b=2')
    const cookies = await view.webContents.session.cookies.get({})
    expect(cookies.map(({ name, httpOnly }) => [name, httpOnly])).toEqual([
      ['a', true],
      ['b', false],
    ])
  })

  test('a handler that throws fails the request and leaves the process alive', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const { page } = await openShell(standIn.electron, ({ url }) => {
      if (url.endsWith('/throw')) throw new Error('broken handler')
      if (url.endsWith('/error')) return Response.error()
      return html('')
    })
    const outcome = (path: string) =>
      page.evaluate(
        (url) =>
          fetch(url).then(
            () => 'answered',
            (error: Error) => error.message,
          ),
        path,
      )
    expect(await outcome('/throw')).toBe('Failed to fetch')
    expect(await outcome('/error')).toBe('Failed to fetch')
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })

  test('it concerns its own partition only, and no other scheme than http and https', async () => {
    const { view } = await openShell(standIn.electron)
    const { protocol } = view.webContents.session
    expect(protocol.isProtocolHandled('https')).toBe(true)
    expect(() => protocol.handle('https', () => html(''))).toThrow(/Failed to register protocol/)
    expect(() => protocol.handle('app', () => html(''))).toThrow(/does not provide/)
    const other = createView(standIn.electron)
    await expect(other.webContents.loadURL('https://agent.hospital.example/')).rejects.toThrow(
      /^ERR_/,
    )
    protocol.unhandle('https')
    expect(protocol.isProtocolHandled('https')).toBe(false)
  })

  test('requests of another scheme go to the network as they are', async () => {
    const { page } = await openShell(standIn.electron, () => html('<p>shell'))
    const url = server.url()
    expect(await page.evaluate(async (to) => (await fetch(to)).text(), url)).toBe('real')
  })
})

describe('webRequest', () => {
  test('onBeforeRequest cancels what it does not like', async () => {
    const { webContents } = createView(standIn.electron)
    await webContents.loadURL(server.url())
    webContents.session.webRequest.onBeforeRequest(
      { urls: ['*://localhost/blocked*', `${server.url()}blocked*`] },
      (_: unknown, callback: (response: Electron.CallbackResponse) => void) =>
        callback({ cancel: true }),
    )
    const page = await webContents.page()
    const outcome = (path: string) =>
      page.evaluate(
        (url) =>
          fetch(url).then(
            (response) => response.text(),
            (error: Error) => error.message,
          ),
        path,
      )
    expect(await outcome('/blocked/1')).toBe('Failed to fetch')
    expect(await outcome('/allowed')).toBe('real')
  })

  test('onHeadersReceived replaces headers of answers from the network and from handlers', async () => {
    const { view, page } = await openShell(standIn.electron)
    view.webContents.session.webRequest.onHeadersReceived(
      (
        { responseHeaders }: Electron.OnHeadersReceivedListenerDetails,
        callback: (response: Electron.HeadersReceivedResponse) => void,
      ) =>
        callback({
          responseHeaders: {
            ...responseHeaders,
            'x-added': ['one'],
            'access-control-expose-headers': ['x-added'],
          },
        }),
    )
    const added = (to: string) =>
      page.evaluate(async (url) => (await fetch(url)).headers.get('x-added'), to)
    expect(await added('/handled')).toBe('one')
    expect(await added(server.url())).toBe('one')
  })
})
