// oxlint-disable-next-line no-restricted-imports -- the test reads the file, the renderer does not
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { chrome } from '../../preload/application-room.ts'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

/** The declarations of one theme; the night theme builds on the light one. */
function tokens(theme: 'light' | 'night'): ReadonlyMap<string, string> {
  const [light = '', night = ''] = css.split(":root[data-theme='night']")
  const source = theme === 'light' ? light : light + night
  return new Map(
    [...source.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const pairs: readonly (readonly [ink: string, ground: string, least: number])[] = [
  ['ink', 'ground', 7],
  ['ink', 'surface', 7],
  ['ink', 'sunken', 7],
  ['ink', 'danger-soft', 7],
  ['ink', 'info-soft', 7],
  ['ink', 'ok-soft', 7],
  ['ink', 'warn-soft', 7],
  ['muted', 'ground', 6.5],
  ['muted', 'surface', 7],
  ['muted', 'sunken', 4.5],
  ['on-brand', 'brand', 7],
  ['on-brand', 'brand-strong', 7],
  ['brand', 'ground', 6],
  ['brand', 'surface', 7],
  ['brand', 'brand-soft', 4.5],
  ['on-danger', 'danger', 6],
  ['on-danger', 'danger-strong', 6],
  ['danger', 'surface', 6],
  ['danger', 'danger-soft', 4.5],
  ['ok', 'ok-soft', 4.5],
  ['info', 'info-soft', 4.5],
  ['warn', 'warn-soft', 4.5],
  ['warn', 'surface', 4.5],
  ['on-side', 'side-from', 7],
  ['on-side', 'side-to', 7],
  ['on-side-muted', 'side-from', 4.5],
  ['on-side-muted', 'side-to', 7],
  ['on-side', 'pill', 7],
  ['on-pill-problem', 'pill-problem', 7],
  ['edge', 'surface', 3],
  ['edge', 'ground', 3],
  ['focus', 'surface', 3],
  ['focus', 'ground', 3],
  ['frame-ink', 'ground', 3],
  ['frame-ink', 'surface', 3],
]

describe.each(['light', 'night'] as const)('the %s theme', (theme) => {
  const values = tokens(theme)
  test.each(pairs)('%s on %s has a contrast of %f at least', (ink, ground, least) => {
    const [a, b] = [values.get(ink), values.get(ground)]
    expect(a).toMatch(/^#[0-9a-f]{6}$/)
    expect(b).toMatch(/^#[0-9a-f]{6}$/)
    expect(contrast(a ?? '', b ?? '')).toBeGreaterThanOrEqual(least)
  })
})

test('bar, banner and frame are as high as main takes them to be', () => {
  const values = tokens('light')
  expect(values.get('bar')).toBe(`${chrome.bar}px`)
  expect(values.get('banner')).toBe(`${chrome.banner}px`)
  expect(values.get('frame')).toBe(`${chrome.frame}px`)
})
