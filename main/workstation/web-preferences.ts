import type { WebPreferences } from 'electron'

/**
 * The only place that decides what a web contents may do; every view is made with it. Only the
 * shell gets a preload, and no view ever gets Node, a shared world or a way around the web's rules.
 */
export const secureWebPreferences = ({
  partition,
  preload,
  packaged,
}: {
  readonly partition: string
  readonly preload?: string
  readonly packaged: boolean
}): WebPreferences => ({
  partition,
  ...(preload === undefined ? {} : { preload }),
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false,
  devTools: !packaged,
  // The shell must paint a shield at once, however long nobody has looked at it.
  backgroundThrottling: preload === undefined,
})
