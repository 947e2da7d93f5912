import { type Browser, type Page, test as base } from '@playwright/test'
import type { Locale, Theme } from '../../preload/choices.ts'
import { requestHash } from '../../renderer/gallery/request.ts'
import { launchChromium } from '../electron/chromium.ts'
import { type RendererServer, serveRenderer } from './serve-renderer.ts'

export interface View {
  readonly width?: number
  readonly height?: number
}

/** The gallery in a Chromium of this project, under the product's content security policy. */
export interface Gallery {
  /** Opens a page that fails the test at the end if it logged, threw or broke the policy. */
  readonly page: (view?: View) => Promise<Page>
  readonly show: (
    page: Page,
    id: string,
    options?: { readonly theme?: Theme; readonly locale?: Locale },
  ) => Promise<void>
}

export const test = base.extend<
  { readonly gallery: Gallery },
  { readonly chromium: Browser; readonly server: RendererServer }
>({
  chromium: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const browser = await launchChromium({ headless: true })
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const server = await serveRenderer()
      await use(server)
      await server.close()
    },
    { scope: 'worker' },
  ],
  gallery: async ({ chromium, server }, use) => {
    const complaints: string[] = []
    const pages: Page[] = []
    await use({
      async page({ width = 1366, height = 768 } = {}) {
        const context = await chromium.newContext({
          viewport: { width, height },
          reducedMotion: 'reduce',
        })
        const page = await context.newPage()
        page.on('console', (message) => complaints.push(`console: ${message.text()}`))
        page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
        pages.push(page)
        return page
      },
      async show(page, id, { theme = 'light', locale = 'en' } = {}) {
        const hash = requestHash({ id, theme, locale })
        // Another fragment mounts the shell anew: faster than a page, and as fresh.
        await page.goto(`${server.origin}/gallery.html${hash}`)
        await page.locator(`html[data-shown="${hash}"]`).waitFor({ state: 'attached' })
        await page.evaluate(() => document.fonts.ready)
      },
    })
    await Promise.all(pages.map((page) => page.context().close()))
    if (complaints.length > 0)
      throw new Error(`The page complained, expected silence:\n${complaints.join('\n')}`)
  },
})

export { expect } from '@playwright/test'
