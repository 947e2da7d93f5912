import { expect, test, type Page } from '@playwright/test'
import type { LanyardBridge } from '../../preload/contract.ts'
import { openWard, type Ward } from './open-ward.ts'
import * as screens from './screens.ts'

test.describe.configure({ mode: 'serial' })

let ward: Ward
let ehr: Page

test.beforeAll(async () => {
  ward = await openWard()
  await ward.hand.key('mary')
  await ward.hand.tap('mary')
  await screens.workspaceOf(ward.shell, 'Mary Underwood')
  ehr = await ward.view('ehr')
})
test.afterAll(() => ward.close())

/** What the bridge answers to a call that the contract does not hold. */
const askShell = (name: string, input: unknown) =>
  ward.shell.evaluate(
    async ([called, given]) => {
      const { lanyard } = window as unknown as { lanyard: LanyardBridge }
      try {
        const answer = await (
          lanyard.call as unknown as (name: unknown, input: unknown) => Promise<unknown>
        )(called, given)
        return JSON.stringify(answer)
      } catch (error) {
        return `refused: ${String(error)}`
      }
    },
    [name, input] as const,
  )

for (const { what, name, input } of [
  { what: 'an unknown name', name: 'seat.becomeRoot', input: {} },
  { what: 'a wrong shape', name: 'application.focus', input: { application: 7 } },
  { what: 'more than the contract names', name: 'seat.lock', input: { now: true } },
  {
    what: 'a field that is too long',
    name: 'application.focus',
    input: { application: 'x'.repeat(99) },
  },
]) {
  test(`the bridge refuses ${what}`, async () => {
    expect(await askShell(name, input)).toMatch(/bad-request|refused/)
    await expect(ward.shell.locator('.workspace')).toBeVisible()
  })
}

test('the shell page has no Node, no raw IPC, and a bridge that cannot be changed', async () => {
  const found = await ward.shell.evaluate(() => ({
    require: typeof (globalThis as Record<string, unknown>)['require'],
    process: typeof (globalThis as Record<string, unknown>)['process'],
    frozen: Object.isFrozen((window as unknown as { lanyard: object }).lanyard),
    members: Object.keys((window as unknown as { lanyard: object }).lanyard).toSorted(),
  }))
  expect(found).toEqual({
    require: 'undefined',
    process: 'undefined',
    frozen: true,
    members: ['call', 'onSnapshot'],
  })
})

test('a frame in the shell page gets no bridge, and the policy lets none in', async () => {
  const inFrame = await ward.shell.evaluate(async () => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const bridge = typeof (frame.contentWindow as unknown as Record<string, unknown>)?.['lanyard']
    frame.remove()
    return bridge
  })
  expect(inFrame).toBe('undefined')
})

test('an application has no bridge', async () => {
  expect(await ehr.evaluate(() => 'lanyard' in window)).toBe(false)
})

test('an application cannot navigate away, open windows or get permissions', async () => {
  const from = await ward.hand.mark()
  const before = ehr.url()
  await ehr.evaluate(() => {
    location.href = 'https://elsewhere.example/'
  })
  await ward.hand.waitFor('the refused navigation', (what) => what['type'] === 'refused', { from })
  expect(ehr.url()).toBe(before)
  const pages = ward.host.views().length
  await ehr.evaluate(() => {
    window.open('https://elsewhere.example/')
  })
  await ehr.waitForTimeout(300)
  expect(ward.host.views().length).toBe(pages)
  const permissions = await ehr.evaluate(async () => {
    const camera = await navigator.mediaDevices
      ?.getUserMedia({ video: true })
      .then(() => 'granted')
      .catch(() => 'denied')
    return {
      notification: await Notification.requestPermission(),
      camera: camera ?? 'denied',
      geolocation: await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
        ),
      ),
    }
  })
  expect(permissions).toEqual({ notification: 'denied', camera: 'denied', geolocation: 'denied' })
})

test('every web contents was made with the secure preferences, and only the shell has a preload', async () => {
  const { standIn } = ward.host
  test.skip(standIn === null, 'Electron does not tell the preferences of web contents from outside')
  const created = standIn?.everCreated() ?? []
  expect(created.length).toBeGreaterThanOrEqual(3)
  for (const { partition, webPreferences } of created) {
    expect(webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    })
    expect('preload' in webPreferences, partition).toBe(partition === 'shell')
  }
})

test('the shell answers for its own address only', async () => {
  const status = await ward.shell.evaluate(async () => {
    const outside = await fetch('https://elsewhere.example/').then(
      () => 'reached',
      () => 'blocked',
    )
    const escape = await fetch('/..%2f..%2fpackage.json').then(
      (answer) => String(answer.status),
      () => 'blocked',
    )
    return { outside, escape }
  })
  expect(status).toEqual({ outside: 'blocked', escape: 'blocked' })
  expect(new URL(ward.shell.url()).origin).toBe('https://agent.willowbrook.example')
})

test('a launch handle that was used does not open a second time', async () => {
  const urls: string[] = []
  ehr.on('request', (request) => {
    if (request.url().includes('/launch/')) urls.push(request.url())
  })
  await ward.shell.evaluate(async () => {
    const { lanyard } = window as unknown as { lanyard: LanyardBridge }
    await lanyard.call('application.reload', { application: 'ehr' })
  })
  await expect.poll(() => urls.length, { timeout: 10_000 }).toBeGreaterThan(0)
  ehr = await ward.view('ehr')
  const again = await fetch(urls[0] ?? '', { redirect: 'manual' })
  expect(again.status).toBeGreaterThanOrEqual(400)
  expect(again.headers.get('set-cookie')).toBeNull()
})

test('no patient and no clinician is in a window title, and the lock screen knows no patient', async () => {
  for (const page of [ward.shell, ...ward.host.views()]) {
    expect(await page.title()).not.toMatch(/Underwood|Sample|Mary/i)
  }
  await ward.shell.keyboard.press('Control+l')
  await screens.lockedBy(ward.shell, 'Mary U.')
  expect(await ward.shell.locator('body').innerText()).not.toMatch(/Sample|p-204|Underwood/i)
})
