import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { createView, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'

let standIn: StandIn
let reader: Page
beforeAll(async () => {
  standIn = await startBlank()
  reader = await (await standIn.browser.newContext()).newPage()
})
afterAll(async () => {
  await standIn.close()
})

/** Colours of a picture at some points, read by Chromium. */
const colorsAt = async (png: Buffer, points: readonly (readonly [number, number])[]) =>
  await reader.evaluate(
    async ({ source, places }) => {
      const image = new Image()
      image.src = source
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')
      context?.drawImage(image, 0, 0)
      return {
        size: [image.width, image.height],
        colors: places.map(([x, y]) =>
          [...(context?.getImageData(x, y, 1, 1).data ?? [])].slice(0, 3).join(),
        ),
      }
    },
    { source: `data:image/png;base64,${png.toString('base64')}`, places: points },
  )

const paint = (color: string) => `data:text/html,<body style="background:${color}">`

test('it shows visible views in their places and order, cut at the window, and no others', async () => {
  const { BaseWindow } = standIn.electron
  const window = new BaseWindow({ x: 30, y: 20, width: 400, height: 300 })
  const add = async (color: string, bounds: Electron.Rectangle) => {
    const view = createView(standIn.electron)
    view.setBounds(bounds)
    window.contentView.addChildView(view)
    await view.webContents.loadURL(paint(color))
    return view
  }
  await add('red', { x: 0, y: 0, width: 400, height: 300 })
  const middle = await add('lime', { x: 100, y: 100, width: 400, height: 100 })
  const top = await add('blue', { x: 150, y: 50, width: 100, height: 200 })
  const points = [
    [10, 10],
    [120, 150],
    [200, 150],
    [390, 150],
  ] as const
  const red = '255,0,0'
  const lime = '0,255,0'
  const blue = '0,0,255'
  expect(await colorsAt(await standIn.screenshot(), points)).toEqual({
    size: [400, 300],
    colors: [red, lime, blue, lime],
  })
  top.setVisible(false)
  expect((await colorsAt(await standIn.screenshot(), points)).colors).toEqual([
    red,
    lime,
    lime,
    lime,
  ])
  middle.setVisible(false)
  top.setVisible(true)
  expect((await colorsAt(await standIn.screenshot(), points)).colors).toEqual([red, red, blue, red])
  window.destroy()
  await expect(standIn.screenshot()).rejects.toThrow('There is no window 0.')
})
