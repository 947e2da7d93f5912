import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launchChromium } from '../test/electron/chromium.ts'
import { encodeIco, type IconImage } from './ico.ts'

/*
 * `npm run icons`: draws assets/icons/*.svg into the pictures that the packages need. The results
 * are committed, so that packaging needs no browser.
 */

const folder = join(import.meta.dirname, '..', 'assets', 'icons')
/** Sides in pixels of the Windows icon; up to 32 the mark with fewer strokes is drawn. */
const icoSides = [16, 20, 24, 32, 40, 48, 64, 128, 256]
const pngSides = [16, 32, 48, 64, 128, 256, 512]

const browser = await launchChromium({ headless: true })
try {
  const page = await browser.newPage()
  const drawn = new Map<number, IconImage>()
  for (const side of new Set([...icoSides, ...pngSides])) {
    const svg = await readFile(
      join(folder, side <= 32 ? 'lanyard-small.svg' : 'lanyard.svg'),
      'utf8',
    )
    await page.setViewportSize({ width: side, height: side })
    await page.setContent(
      `<style>html,body{margin:0;background:transparent}svg{display:block;width:${side}px;height:${side}px}</style>${svg}`,
    )
    drawn.set(side, { side, png: await page.screenshot({ omitBackground: true }) })
  }
  const images = (sides: readonly number[]) => sides.flatMap((side) => drawn.get(side) ?? [])
  await writeFile(join(folder, 'lanyard.ico'), encodeIco(images(icoSides)))
  for (const { side, png } of images(pngSides))
    await writeFile(join(folder, `${side}x${side}.png`), png)
} finally {
  await browser.close()
}
