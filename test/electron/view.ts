import type { View, WebPreferences } from 'electron'
import { Emitter } from './emitter.ts'
import type { Rectangle, Runtime } from './runtime.ts'
import type { StandInSession } from './session.ts'
import { StandInWebContents } from './web-contents.ts'

type Provided = 'getBounds' | 'getVisible' | 'setBackgroundColor' | 'setBounds' | 'setVisible'

/** `View`: geometry, order and visibility as state. */
export class StandInView extends Emitter implements Pick<View, Provided> {
  #children: StandInView[] = []
  #bounds: Rectangle = { x: 0, y: 0, width: 0, height: 0 }
  #visible = true
  #backgroundColor: string | null = null

  constructor() {
    super(['bounds-changed'])
  }

  /** From the lowest to the topmost. */
  get children(): StandInView[] {
    return [...this.#children]
  }

  addChildView(view: StandInView, index?: number): void {
    const others = this.#children.filter((child) => child !== view)
    others.splice(index ?? others.length, 0, view)
    this.#children = others
  }

  removeChildView(view: StandInView): void {
    this.#children = this.#children.filter((child) => child !== view)
  }

  setBounds(bounds: Rectangle): void {
    for (const value of [bounds.x, bounds.y, bounds.width, bounds.height])
      if (!Number.isFinite(value))
        throw new TypeError('Error processing argument at index 0, conversion failure')
    const { x, y, width, height } = bounds
    this.#bounds = {
      x: Math.trunc(x),
      y: Math.trunc(y),
      width: Math.trunc(width),
      height: Math.trunc(height),
    }
    this.emit('bounds-changed')
  }

  getBounds(): Rectangle {
    return { ...this.#bounds }
  }

  setVisible(visible: boolean): void {
    this.#visible = visible
  }

  getVisible(): boolean {
    return this.#visible
  }

  setBackgroundColor(color: string): void {
    this.#backgroundColor = color
  }

  /** For the screenshot; not in Electron. */
  get backgroundColor(): string | null {
    return this.#backgroundColor
  }
}

/** `WebContentsView`: a view that shows a page. */
export class StandInWebContentsView extends StandInView {
  readonly webContents: StandInWebContents

  constructor(
    runtime: Runtime,
    fromPartition: (partition: string) => StandInSession,
    webPreferences: WebPreferences = {},
  ) {
    super()
    if (!runtime.ready) throw new Error('Cannot create WebContentsView before app is ready')
    const given = webPreferences.session as unknown as StandInSession | undefined
    const session = given ?? fromPartition(webPreferences.partition ?? 'persist:')
    this.webContents = new StandInWebContents(runtime, session, webPreferences)
    runtime.app.emit('web-contents-created', {}, this.webContents)
  }

  override setBounds(bounds: Rectangle): void {
    super.setBounds(bounds)
    this.webContents.resize(this.getBounds())
  }

  override setVisible(visible: boolean): void {
    super.setVisible(visible)
    this.webContents.shown(visible)
  }
}
