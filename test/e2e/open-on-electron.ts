import { _electron as electron, type Page } from '@playwright/test'
import type { Host } from './open-ward.ts'

/**
 * The same ward on Electron itself. Playwright lists the pages of every web contents that it can
 * attach to; which of the views is visible, only the main process knows, so it is asked there.
 */
export async function openOnElectron(entry: string, directory: string): Promise<Host> {
  const app = await electron.launch({ args: [entry, `--user-data-dir=${directory}`] })
  const isShell = (page: Page) => page.url().startsWith('https://agent.')
  const views = () => app.windows().filter((page) => !isShell(page))
  return {
    kind: 'electron',
    standIn: null,
    async shell() {
      return (
        app.windows().find(isShell) ?? (await app.waitForEvent('window', { predicate: isShell }))
      )
    },
    views,
    async visibleViews() {
      const urls = await app.evaluate(({ BaseWindow }) =>
        BaseWindow.getAllWindows()
          .flatMap((window) => window.contentView.children)
          .filter((view) => view.getVisible() && 'webContents' in view)
          .map((view) => (view as Electron.WebContentsView).webContents.getURL()),
      )
      return views().filter((page) => urls.includes(page.url()))
    },
    async screenshot() {
      const [first] = app.windows()
      if (!first) throw new Error('No window is open.')
      return first.screenshot()
    },
    close: () => app.close(),
  }
}
