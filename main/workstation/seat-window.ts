import { app, BaseWindow, WebContentsView } from 'electron'
import type { WorkspaceOptions } from './workspace.ts'
import { secureWebPreferences } from './web-preferences.ts'

export interface SeatWindowOptions {
  readonly preloadFile: string
  /** For a window on a desk; without it the seat fills the screen and cannot be closed. */
  readonly windowSize?: { readonly width: number; readonly height: number }
}

/** The one window of a seat: the shell's view fills it, applications' views lie on top. */
export const openSeatWindow = ({ preloadFile, windowSize }: SeatWindowOptions) => {
  const packaged = app.isPackaged
  let closing = false
  const window = new BaseWindow({
    ...(windowSize ?? { kiosk: true }),
    title: 'Lanyard',
    backgroundColor: '#0e1b26',
    show: false,
  })
  const shellView = new WebContentsView({
    webPreferences: secureWebPreferences({ partition: 'shell', preload: preloadFile, packaged }),
  })
  const shell = shellView.webContents
  window.contentView.addChildView(shellView)
  const size = () => window.getContentBounds()
  const fill = () => {
    const { width, height } = size()
    shellView.setBounds({ x: 0, y: 0, width, height })
  }
  fill()
  window.on('resize', fill)
  const onQuit = () => {
    closing = true
  }
  app.once('before-quit', onQuit)
  window.on('close', (event) => {
    if (windowSize === undefined && !closing) event.preventDefault()
  })

  const createView: WorkspaceOptions['createView'] = (partition) => {
    const view = new WebContentsView({
      webPreferences: secureWebPreferences({ partition, packaged }),
    })
    view.setVisible(false)
    window.contentView.addChildView(view)
    return view
  }

  return {
    window,
    shell,
    size,
    createView,
    removeView: (view: Parameters<WorkspaceOptions['removeView']>[0]) =>
      window.contentView.removeChildView(view as WebContentsView),
    /** It may close, and the shell's page need not come back. */
    get closing() {
      return closing
    },
    async load(url: string): Promise<void> {
      await shell.loadURL(url)
      window.show()
      shell.focus()
    },
    dispose: () => {
      closing = true
      app.off('before-quit', onQuit)
    },
    close: () => {
      if (!shell.isDestroyed()) shell.close()
      if (!window.isDestroyed()) window.destroy()
    },
  }
}
