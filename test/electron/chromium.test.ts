import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { findChromium, launchChromium, type ChromiumSource } from './chromium.ts'

const present: Readonly<Record<ChromiumSource, boolean>> = {
  environment: (process.env['CHROMIUM_PATH'] ?? '') !== '',
  system: existsSync('/usr/bin/chromium'),
  npm: process.platform === 'linux' && process.arch === 'x64',
}

describe.each(['environment', 'system', 'npm'] as const)(
  'Chromium from the source %s',
  (source) => {
    // Only what this machine has can be started; the npm one is there wherever the tests are.
    test.runIf(present[source])('starts, shows text and has its fonts', async () => {
      const browser = await launchChromium({ headless: true, source })
      try {
        const page = await browser.newPage()
        await page.setContent('<span style="font-size:40px">WWWW</span><br><span>iiii</span>')
        const [wide, narrow] = await page
          .locator('span')
          .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().width))
        expect(narrow).toBeGreaterThan(5)
        expect(wide).toBeGreaterThan(100)
        const blank = await page.locator('span').first().screenshot()
        await page
          .locator('span')
          .first()
          .evaluate((span) => {
            span.style.color = 'transparent'
          })
        expect((await page.locator('span').first().screenshot()).equals(blank)).toBe(false)
      } finally {
        await browser.close()
      }
    })
  },
)

test('a path that names nothing is reported with what to do', async () => {
  vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium')
  await expect(findChromium('environment')).rejects.toThrow(/Correct or unset it/)
  vi.unstubAllEnvs()
})

test('the environment wins over the other sources', async () => {
  vi.stubEnv('CHROMIUM_PATH', process.execPath)
  expect(await findChromium()).toMatchObject({
    source: 'environment',
    executable: process.execPath,
  })
  vi.unstubAllEnvs()
})
