import { createRequire } from 'node:module'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../../main/authority/oauth/fixture-client.ts'
import { startAuthority, type AuthorityFixture } from '../../main/authority/oauth/fixture.ts'
import type { LiveSession } from '../../main/authority/context.ts'
import { launchChromium } from '../electron/chromium.ts'
import { startSandboxApplications, type SandboxApplications } from './shared/applications.ts'

let applications: SandboxApplications
let authority: AuthorityFixture
let chromium: Browser

beforeAll(async () => {
  applications = await startSandboxApplications()
  authority = await startAuthority([applications.ehr.application, applications.imaging.application])
  chromium = await launchChromium({ headless: true })
})
afterAll(async () => {
  await chromium.close()
  await applications.stop()
  await authority.stop()
})

afterEach(async () => {
  await Promise.all(chromium.contexts().map((context) => context.close()))
})

const jonas = {
  personId: 'jonas',
  displayName: 'Jonas Okafor-Lind',
  role: 'physician',
  patient: 'p-212',
} as const
const glassBroken = () => ({
  ...jonas,
  override: { patient: 'p-231', endsAt: Date.now() + 7_200_000, reason: 'emergency-treatment' },
})
const reduced = { kind: 'fallback', scope: 'reduced', aal: 0, amr: ['witness'] } as const

/** A page that was launched from Lanyard, in a partition of its own, painted. */
const open = async (
  application: 'ehr' | 'imaging',
  who: Partial<LiveSession> = {},
  colorScheme: 'light' | 'dark' = 'light',
): Promise<{ page: Page; session: LiveSession; outside: string[] }> => {
  const session = authority.addSession(who)
  const context = await chromium.newContext({
    colorScheme,
    viewport: { width: 900, height: 800 },
  })
  const page = await context.newPage()
  const outside: string[] = []
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (hostname !== '127.0.0.1' && protocol !== 'data:') outside.push(request.url())
  })
  await page.goto(await authority.launch(session, application))
  await ready(page)
  return { page, session, outside }
}
const ready = (page: Page) => page.waitForSelector('html[data-ready=true]', { state: 'attached' })
const wrongs = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test('before the authority answers, a launch says so and loses nothing', async () => {
  const answer = await createBrowser().get(`${applications.ehr.url}/launch?iss=x&launch=y`)
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('Sign-in is not ready')
  await applications.connect(authority.issuer)
})

describe('both applications', () => {
  test.each(['ehr', 'imaging'] as const)('%s opens signed in from a handle', async (which) => {
    const { page, outside } = await open(which)
    expect(await page.locator('.signed-in').innerText()).toContain('Mary Underwood')
    expect(await page.locator('h1').innerText()).toBe('SAMPLE, Ada (Ms)')
    expect(await page.title()).not.toMatch(/sample|ada|p-204/i)
    expect(page.url()).not.toMatch(/p-204/)
    expect(await page.getByText(/sign out|log out/i).count()).toBe(0)
    expect(outside).toEqual([])
    expect(await applications[which].introspectLast()).toBe(true)
  })

  test.each(['ehr', 'imaging'] as const)('%s shows nothing without a launch', async (which) => {
    const answer = await createBrowser().get(applications[which].url)
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain('You are signed out')
  })

  test.each(['ehr', 'imaging'] as const)(
    '%s is signed out by the end of the session, without being told',
    async (which) => {
      const { page, session } = await open(which)
      await authority.endSession(session.sessionId)
      expect(await applications[which].introspectLast()).toBe(false)
      await page.getByText('You are signed out').waitFor()
      expect(await page.content()).not.toContain('SAMPLE')
    },
  )

  test('stay signed in over an hour of the same session: tokens are renewed', async () => {
    const { page, session } = await open('ehr')
    const refreshed = () =>
      authority.events.filter(
        (entry) => entry.event === 'token.issued' && entry.session === session.sessionId,
      ).length
    expect(refreshed()).toBe(1)
    authority.advance(3_600_000)
    await page.reload()
    await ready(page)
    expect(await page.locator('h1').innerText()).toBe('SAMPLE, Ada (Ms)')
    expect(refreshed()).toBe(2)
  })

  test('start together in one partition, as after a tap', async () => {
    const session = authority.addSession()
    const context = await chromium.newContext()
    const handles = await Promise.all([
      authority.launch(session, 'ehr'),
      authority.launch(session, 'imaging'),
    ])
    const pages = await Promise.all(
      handles.map(async (handle) => {
        const page = await context.newPage()
        await page.goto(handle)
        return page
      }),
    )
    for (const page of pages) expect(await page.locator('h1').innerText()).toBe('SAMPLE, Ada (Ms)')
  })

  test('refuse a callback that they did not ask for', async () => {
    for (const { url } of [applications.ehr, applications.imaging]) {
      const answer = await createBrowser().get(`${url}/callback?code=x&state=y`)
      expect(answer.status).toBe(400)
    }
  })

  test('refuse the launch of another issuer', async () => {
    const answer = await createBrowser().get(
      `${applications.ehr.url}/launch?iss=http://evil.invalid&launch=x`,
    )
    expect(answer.status).toBe(400)
  })

  test.each([
    ['ehr', 'light', {}],
    ['ehr', 'dark', glassBroken()],
    ['ehr', 'light', reduced],
    ['imaging', 'dark', {}],
    ['imaging', 'dark', glassBroken()],
    ['imaging', 'dark', reduced],
  ] as const)('%s in %s passes axe', async (which, scheme, who) => {
    const { page } = await open(which, who, scheme)
    // Every tab at once: a rule that holds for all panels together holds for each.
    await page.evaluate(() => {
      for (const panel of document.querySelectorAll('[role=tabpanel]'))
        panel.removeAttribute('hidden')
    })
    expect(await wrongs(page)).toEqual([])
  })
})

describe('the record system', () => {
  const find = async (page: Page, mrn: string) => {
    await page.fill('#mrn', mrn)
    await Promise.all([
      page.waitForResponse((response) => response.url().includes('/charts/')),
      page.click('.find button'),
    ])
    await page.waitForLoadState('load')
  }

  test('keeps a chart outside the list shut, and unknown numbers look the same', async () => {
    const { page } = await open('ehr', jonas)
    await find(page, 'p-231')
    const refused = await page.locator('main').innerText()
    expect(refused).toContain('Not on your list - use Break the glass in Lanyard')
    await find(page, 'p-999')
    expect(await page.locator('main').innerText()).toBe(refused)
  })

  test('opens it while the glass is broken and shuts it when that is over', async () => {
    const { page, session } = await open('ehr', jonas)
    const { override } = glassBroken()
    authority.sessions.set(session.sessionId, { ...session, override })
    await page.getByText('Break the glass: emergency treatment until').waitFor()
    expect(await page.locator('h1').innerText()).toBe('FICTION, Nora (Mrs)')
    authority.sessions.set(session.sessionId, session)
    await page.waitForFunction(() => !document.body.innerText.includes('FICTION'))
    await find(page, 'p-231')
    expect(await page.locator('main').innerText()).toContain('Not on your list')
  })

  test('never throws away a note that is not saved when the context changes', async () => {
    const { page, session } = await open('ehr', jonas)
    await page.click('#tab-notes')
    await page.fill('#note', 'Half a sentence')
    const { override } = glassBroken()
    authority.sessions.set(session.sessionId, { ...session, override })
    await page.getByText('The patient in context has changed.').waitFor()
    expect(await page.inputValue('#note')).toBe('Half a sentence')
  })

  test('saves a note and a given medication under the name of the person', async () => {
    const { page } = await open('ehr')
    await page.click('#tab-notes')
    await page.fill('#note', 'Walked to the window and back.')
    await page.click('text=Save note')
    await ready(page)
    expect(await page.locator('.notes li').first().innerText()).toContain('Mary Underwood')
    await page.click('#tab-medications')
    await page.click('[aria-label="Give Metformin"]')
    await ready(page)
    expect(await page.locator('#panel-medications').innerText()).toMatch(/Given \d\d:\d\d/)
  })

  test('is for reading only in a reduced session, whatever the page sends', async () => {
    const { page } = await open('ehr', reduced)
    await page.getByText('Reading only.').waitFor()
    await page.click('#tab-notes')
    expect(await page.locator('#note').isDisabled()).toBe(true)
    const status = await page.evaluate(async () => {
      const path = `${location.pathname}/notes`
      const body = new URLSearchParams({ text: 'forced' })
      return (await fetch(path, { method: 'POST', body })).status
    })
    expect(status).toBe(403)
  })

  test('is worked by keyboard: the tabs follow the arrows', async () => {
    const { page } = await open('ehr')
    await page.focus('#tab-chart')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('#panel-medications').isVisible()).toBe(true)
    await page.keyboard.press('End')
    expect(await page.locator('#panel-notes').isVisible()).toBe(true)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-notes')
  })
})

describe('the image viewer', () => {
  const brightness = (page: Page) =>
    page.evaluate(() => {
      const canvas = document.querySelector('canvas')
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
      return data === undefined ? 0 : data.reduce((sum, value) => sum + value, 0) / data.length
    })

  test('paints the DICOM image of the patient in context', async () => {
    const { page } = await open('imaging')
    expect(await page.locator('[data-overlay=size]').innerText()).toBe('512 × 512, 12 bit')
    const normal = await brightness(page)
    expect(normal).toBeGreaterThan(70)
    await page.keyboard.press('i')
    await page.waitForTimeout(100)
    expect(Math.abs((await brightness(page)) - normal)).toBeGreaterThan(5)
  })

  test('serves a valid file and no file of another patient', async () => {
    const { page } = await open('imaging')
    const source = await page.locator('.stage').getAttribute('data-src')
    const load = (path: string) =>
      page.evaluate(async (from) => {
        const response = await fetch(from)
        const bytes = new Uint8Array(await response.arrayBuffer())
        return { status: response.status, bytes: [...bytes.subarray(0, 2048)] }
      }, path)
    const own = await load(source ?? '')
    const { parseDicom } = createRequire(import.meta.url)('dicom-parser') as {
      parseDicom: (
        bytes: Uint8Array,
        options: { untilTag: string },
      ) => { string(tag: string): string | undefined }
    }
    const file = parseDicom(new Uint8Array(own.bytes), { untilTag: 'x7fe00010' })
    expect(file.string('x00100020')).toBe('p-204')
    expect(file.string('x00100010')).toBe('SAMPLE^Ada^^Ms')

    const other = await open('imaging', jonas)
    const foreign = await other.page.locator('.stage').getAttribute('data-src')
    expect((await load(foreign ?? '')).status).toBe(409)
    const answer = await page.goto(
      `${applications.imaging.url}${foreign?.replace('/instance', '')}`,
    )
    expect(answer?.status()).toBe(409)
    expect(await page.locator('h1').innerText()).toBe('Another patient’s study')
  })

  test('follows the patient in context', async () => {
    const { page, session } = await open('imaging', jonas)
    expect(await page.locator('h1').innerText()).toBe('TESTCASE, Wilma (Ms)')
    authority.sessions.set(session.sessionId, { ...session, patient: 'p-204' })
    await page.getByText('SAMPLE, Ada (Ms)').waitFor()
  })

  test('says that it only reads while the glass is broken', async () => {
    const { page } = await open('imaging', glassBroken())
    expect(await page.locator('.band').innerText()).toMatch(
      /Break the glass until \d\d:\d\d, reading only/,
    )
  })
})
