import type { Rectangle, Runtime, Size } from './runtime.ts'
import { StandInWebContentsView, type StandInView } from './view.ts'

interface Layer extends Rectangle {
  readonly color: string | null
  readonly png: string | null
  readonly clip: Rectangle
}

/** What of `inner` lies within `outer`. */
const intersect = (outer: Rectangle, inner: Rectangle): Rectangle => {
  const x = Math.max(outer.x, inner.x)
  const y = Math.max(outer.y, inner.y)
  const width = Math.max(0, Math.min(outer.x + outer.width, inner.x + inner.width) - x)
  const height = Math.max(0, Math.min(outer.y + outer.height, inner.y + inner.height) - y)
  return { x, y, width, height }
}

/** Visible views from the lowest to the topmost, in the window's coordinates. */
const collect = (
  view: StandInView,
  origin: { readonly x: number; readonly y: number },
  clip: Rectangle,
): { readonly view: StandInView; readonly bounds: Rectangle; readonly clip: Rectangle }[] => {
  if (!view.getVisible()) return []
  const own = view.getBounds()
  const bounds = { ...own, x: origin.x + own.x, y: origin.y + own.y }
  const visible = intersect(clip, bounds)
  return [
    { view, bounds, clip: visible },
    ...view.children.flatMap((child) => collect(child, bounds, visible)),
  ]
}

const capture = async (view: StandInView): Promise<string | null> => {
  if (!(view instanceof StandInWebContentsView) || view.webContents.isDestroyed()) return null
  const page = await view.webContents.page()
  const png = await page.screenshot({ animations: 'allow', caret: 'initial' }).catch(() => null)
  return png?.toString('base64') ?? null
}

/** PNG of what a user sees of a window: its visible views, in their order and places. */
export const screenshotOf = async (
  runtime: Runtime,
  root: StandInView,
  { width, height }: Size,
): Promise<Buffer> => {
  const whole = { x: 0, y: 0, width, height }
  const found = collect(root, { x: 0, y: 0 }, whole)
  const layers: Layer[] = await Promise.all(
    found.map(async ({ view, bounds, clip }) => ({
      ...bounds,
      clip,
      color: view.backgroundColor,
      png: await capture(view),
    })),
  )
  runtime.helperContext ??= runtime.browser.then((browser) => browser.newContext())
  const page = await (await runtime.helperContext).newPage()
  try {
    await page.setViewportSize({ width, height })
    await page.setContent('<body style="margin:0;background:#fff;overflow:hidden">')
    await page.evaluate(paint, layers)
    return await page.screenshot()
  } finally {
    await page.close()
  }
}

/** Runs in the helper page. */
const paint = async (layers: readonly Layer[]): Promise<void> => {
  for (const { clip, color, png, ...bounds } of layers) {
    const frame = document.createElement('div')
    Object.assign(frame.style, {
      position: 'absolute',
      overflow: 'hidden',
      left: `${clip.x}px`,
      top: `${clip.y}px`,
      width: `${clip.width}px`,
      height: `${clip.height}px`,
      background: color ?? 'transparent',
    })
    document.body.append(frame)
    if (png === null) continue
    const image = new Image()
    Object.assign(image.style, {
      position: 'absolute',
      left: `${bounds.x - clip.x}px`,
      top: `${bounds.y - clip.y}px`,
    })
    image.src = `data:image/png;base64,${png}`
    await image.decode()
    frame.append(image)
  }
}
