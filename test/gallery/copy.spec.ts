import type { Page } from '@playwright/test'
import { sampleIds } from '../../renderer/gallery/samples.ts'
import { de } from '../../renderer/ui/strings/de.ts'
import { en, type MessageKey } from '../../renderer/ui/strings/en.ts'
import { expect, test } from './gallery-test.ts'

const keys = Object.keys(en) as MessageKey[]
const german = new Set(keys.map((key) => de[key]))
/** Whole sentences that only the English catalogue has. */
const englishOnly = new Set<string>(
  keys.map((key) => en[key]).filter((text) => !text.includes('{') && !german.has(text)),
)

/** Every text on the page, and every text that only a screen reader meets. */
const texts = (page: Page) =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found: string[] = []
    while (walker.nextNode() !== null) found.push(walker.currentNode.textContent?.trim() ?? '')
    for (const element of document.querySelectorAll('[aria-label]'))
      found.push(element.getAttribute('aria-label') ?? '')
    return found.filter((text) => text !== '')
  })

test('German screens hold no English sentence', async ({ gallery }) => {
  const page = await gallery.page()
  for (const id of sampleIds) {
    await gallery.show(page, id, { locale: 'de' })
    const english = (await texts(page)).filter((text) => englishOnly.has(text))
    expect(english, id).toEqual([])
  }
})

test('titles name no person, and patients appear inside a session only', async ({ gallery }) => {
  const page = await gallery.page()
  for (const id of sampleIds) {
    await gallery.show(page, id)
    expect(await page.title(), id).toMatch(/^Lanyard · (?:locked|workspace|sign-in)$/)
    const inSession = /^(?:active|reviews|override)/.test(id)
    const patients = (await texts(page)).filter((text) => text.includes('MRN-'))
    expect(inSession || patients.length === 0, `${id}: ${patients.join(' | ')}`).toBe(true)
  }
})

test('there is one h1, and its language and theme are those of the snapshot', async ({
  gallery,
}) => {
  const page = await gallery.page()
  for (const id of sampleIds) {
    await gallery.show(page, id, { theme: 'night', locale: 'de' })
    await expect(page.locator('h1'), id).toHaveCount(1)
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'night')
  }
})
