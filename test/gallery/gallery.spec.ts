import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { samples } from '../../renderer/gallery/samples.ts'
import { expect, test } from './gallery-test.ts'

const screenshots = fileURLToPath(new URL('../../out/gallery', import.meta.url))
const themes = ['light', 'night'] as const

/** What is wider than the page; a region that scrolls by itself may be. */
const overflow = (page: Page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (getComputedStyle(element).overflowX === 'auto' || scrolls(element.parentElement))
    const wide = [...document.querySelectorAll('#root *')].filter((element) => {
      const { right, width: own } = element.getBoundingClientRect()
      return own > 1 && right > width + 1 && !scrolls(element) && !element.closest('svg, .unseen')
    })
    const page = document.documentElement.scrollWidth > width ? ['the page itself'] : []
    return [
      ...page,
      ...wide.map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`),
    ]
  })

/** What sticks out of the fixed row below the bar. Only at 320 px may words end early. */
const cutOff = (page: Page) =>
  page.evaluate(() => {
    const row = document.querySelector('.banner-row')?.getBoundingClientRect()
    if (row === undefined) return []
    return [...document.querySelectorAll('.banner-row :is(p, div, button)')]
      .filter((element) => element.checkVisibility())
      .filter((element) => row.width > 400 || element.closest('.banner-copy') === null)
      .filter((element) => {
        const { top, bottom } = element.getBoundingClientRect()
        return bottom > row.bottom + 1 || top < row.top - 1
      })
      .map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`)
  })

const targets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('#root :is(button, a, textarea, label, input)')]
      .filter((element) => element.matches(':not(label), .choice, .switch'))
      .filter((element) => element.checkVisibility() && !element.closest('.unseen, label *'))
      .filter((element) => !element.matches('input[type=radio]'))
      .map((element) => {
        const { width, height } = element.getBoundingClientRect()
        return {
          name: `${element.className} ${element.textContent}`,
          width: Math.round(width),
          height: Math.round(height),
          primary: element.matches('.action-primary, .action-danger'),
        }
      }),
  )

for (const { id, wordsOnly = false } of samples) {
  test(`${id}: fits every window, zoomed and in both languages, with targets for a glove`, async ({
    gallery,
  }) => {
    const page = await gallery.page()
    for (const [width, height] of [
      [1366, 768],
      [1920, 1080],
      [1024, 768],
      [683, 384],
      [512, 384],
      [320, 640],
    ] as const) {
      await page.setViewportSize({ width, height })
      // German is the longer language; English goes to the ends of the range.
      const locales = width === 1366 || width === 320 ? (['en', 'de'] as const) : (['de'] as const)
      for (const locale of locales) {
        await gallery.show(page, id, { locale })
        expect(await overflow(page), `${width} px, ${locale}`).toEqual([])
        expect(await cutOff(page), `${width} px, ${locale}`).toEqual([])
        for (const target of await targets(page)) {
          const where = `${target.name} at ${width} px, ${locale}`
          expect(target.height, where).toBeGreaterThanOrEqual(target.primary ? 76 : 44)
          expect(target.width, where).toBeGreaterThanOrEqual(44)
        }
      }
      if (width === 1920)
        await page.screenshot({ path: `${screenshots}/${id}-1920x1080-light.png` })
    }
  })

  if (wordsOnly) continue

  test(`${id}: nothing for axe to find, light and night, with screenshots`, async ({ gallery }) => {
    await mkdir(screenshots, { recursive: true })
    const page = await gallery.page()
    for (const theme of themes) {
      await gallery.show(page, id, { theme })
      const axe = new AxeBuilder({ page }).setLegacyMode()
      // The theme changes colours and nothing else.
      if (theme === 'night') axe.withRules(['color-contrast'])
      const { violations } = await axe.analyze()
      expect(
        violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`),
        theme,
      ).toEqual([])
      await page.screenshot({ path: `${screenshots}/${id}-1366x768-${theme}.png` })
    }
  })

  test(`${id}: Tab reaches every control, and the focus is never covered`, async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, id)
    const expected = await page.evaluate(() => {
      // One stop for a group of radio buttons.
      const groups = new Set<Element>()
      return [...document.querySelectorAll('#root :is(button, a, textarea, input)')].filter((e) => {
        if (!e.checkVisibility()) return false
        const group = e.closest('[role="radiogroup"]')
        if (group === null) return true
        const first = !groups.has(group)
        groups.add(group)
        return first
      }).length
    })
    const reached = new Set<string>()
    for (let press = 0; press < expected + 4; press += 1) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const focused = document.activeElement
        if (focused === null || !focused.matches('#root :is(button, a, textarea, input)'))
          return null
        const { x, y, width, height } = focused.getBoundingClientRect()
        const seen = focused.matches('input:is([type=radio], [role=switch])')
          ? true
          : document
              .elementsFromPoint(x + width / 2, y + height / 2)
              .slice(0, 1)
              .some((top) => focused.contains(top) || top.contains(focused))
        const path = [...document.querySelectorAll('#root *')].indexOf(focused)
        return { path: String(path), seen, name: focused.outerHTML.slice(0, 120) }
      })
      if (stop === null) continue
      expect(stop.seen, stop.name).toBe(true)
      reached.add(stop.path)
    }
    expect(reached.size).toBe(expected)
  })
}
