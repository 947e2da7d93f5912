import type { BaseWindow, BaseWindowConstructorOptions } from 'electron'
import { createEvent, Emitter } from './emitter.ts'
import { destroyedError, type Rectangle, type Runtime } from './runtime.ts'
import { StandInView } from './view.ts'

type Provided =
  | 'id'
  | 'close'
  | 'destroy'
  | 'focus'
  | 'getBounds'
  | 'getContentBounds'
  | 'getTitle'
  | 'hide'
  | 'isAlwaysOnTop'
  | 'isDestroyed'
  | 'isFocused'
  | 'isFullScreen'
  | 'isKiosk'
  | 'isVisible'
  | 'setAlwaysOnTop'
  | 'setBounds'
  | 'setContentProtection'
  | 'setFullScreen'
  | 'setKiosk'
  | 'setTitle'
  | 'show'

let lastId = 0

/** `BaseWindow`: state that tests inspect. It proves nothing about a real desktop. */
export class StandInBaseWindow extends Emitter implements Pick<BaseWindow, Provided> {
  readonly id: number
  readonly #contentView = new StandInView()
  readonly #runtime: Runtime
  #bounds: Rectangle
  #fullScreen: boolean
  #kiosk: boolean
  #alwaysOnTop: string | null
  #visible: boolean
  #focused = false
  #title: string
  #contentProtection = false
  #destroyed = false

  constructor(runtime: Runtime, options: BaseWindowConstructorOptions = {}) {
    super(['blur', 'close', 'closed', 'focus', 'hide', 'resize', 'show'])
    if (!runtime.ready) throw new Error('Cannot create BaseWindow before app is ready')
    lastId += 1
    this.id = lastId
    this.#runtime = runtime
    const { width = 800, height = 600 } = options
    const display = runtime.options.size
    const x = options.x ?? Math.max(0, Math.round((display.width - width) / 2))
    const y = options.y ?? Math.max(0, Math.round((display.height - height) / 2))
    this.#bounds = { x, y, width, height }
    this.#fullScreen = options.fullscreen ?? false
    this.#kiosk = options.kiosk ?? false
    this.#alwaysOnTop = options.alwaysOnTop === true ? 'floating' : null
    this.#visible = options.show ?? true
    this.#title = options.title ?? runtime.app.getName()
    runtime.windows.add(this)
    this.#layOut()
    if (this.#visible) this.#setFocused(true)
  }

  #alive() {
    if (this.#destroyed) throw destroyedError()
  }

  #layOut() {
    const { width, height } = this.getContentBounds()
    this.#contentView.setBounds({ x: 0, y: 0, width, height })
  }

  #setFocused(focused: boolean) {
    if (this.#focused === focused) return
    this.#focused = focused
    this.emit(focused ? 'focus' : 'blur', createEvent({}))
  }

  get contentView(): StandInView {
    this.#alive()
    return this.#contentView
  }

  getBounds(): Rectangle {
    this.#alive()
    return this.#fullScreen || this.#kiosk
      ? { x: 0, y: 0, ...this.#runtime.options.size }
      : { ...this.#bounds }
  }

  /** There is no frame: the content is the window. */
  getContentBounds(): Rectangle {
    return this.getBounds()
  }

  setBounds(bounds: Partial<Rectangle>): void {
    this.#alive()
    this.#bounds = { ...this.#bounds, ...bounds }
    this.#resized()
  }

  #resized() {
    this.#layOut()
    this.emit('resize', createEvent({}))
  }

  show(): void {
    this.#alive()
    this.#visible = true
    this.emit('show', createEvent({}))
    this.#setFocused(true)
  }

  hide(): void {
    this.#alive()
    this.#visible = false
    this.#setFocused(false)
    this.emit('hide', createEvent({}))
  }

  focus(): void {
    this.#alive()
    for (const other of this.#runtime.windows) if (other !== this) other.#setFocused(false)
    this.#setFocused(true)
  }

  isVisible(): boolean {
    this.#alive()
    return this.#visible
  }

  isFocused(): boolean {
    this.#alive()
    return this.#focused
  }

  setTitle(title: string): void {
    this.#alive()
    this.#title = title
  }

  getTitle(): string {
    this.#alive()
    return this.#title
  }

  setFullScreen(fullScreen: boolean): void {
    this.#alive()
    this.#fullScreen = fullScreen
    this.#resized()
  }

  isFullScreen(): boolean {
    this.#alive()
    return this.#fullScreen
  }

  setKiosk(kiosk: boolean): void {
    this.#alive()
    this.#kiosk = kiosk
    this.#resized()
  }

  isKiosk(): boolean {
    this.#alive()
    return this.#kiosk
  }

  setAlwaysOnTop(flag: boolean, level = 'floating'): void {
    this.#alive()
    this.#alwaysOnTop = flag ? level : null
  }

  isAlwaysOnTop(): boolean {
    this.#alive()
    return this.#alwaysOnTop !== null
  }

  setContentProtection(enable: boolean): void {
    this.#alive()
    this.#contentProtection = enable
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  /** As the user does: a listener of `close` may prevent it. */
  close(): void {
    this.#alive()
    const event = createEvent({})
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }

  /** The web contents of its views live on, as in Electron. */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#runtime.windows.delete(this)
    this.emit('closed')
    this.#runtime.app.windowClosed()
  }

  /** For the tests; not in Electron. */
  get inspect() {
    return {
      id: this.id,
      bounds: this.getBounds(),
      kiosk: this.#kiosk,
      fullScreen: this.#fullScreen,
      alwaysOnTop: this.#alwaysOnTop,
      visible: this.#visible,
      focused: this.#focused,
      title: this.#title,
      contentProtection: this.#contentProtection,
      view: this.#contentView,
    }
  }
}
