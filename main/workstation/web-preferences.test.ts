import { expect, test } from 'vitest'
import { secureWebPreferences } from './web-preferences.ts'

test('no view gets Node, a shared world or relaxed web rules; only the shell gets a preload', () => {
  const view = secureWebPreferences({ partition: 'slot-1', packaged: true })
  expect(view).toMatchObject({
    partition: 'slot-1',
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
    devTools: false,
  })
  expect(view).not.toHaveProperty('preload')
  const shell = secureWebPreferences({ partition: 'shell', preload: '/p.cjs', packaged: false })
  expect(shell).toMatchObject({ preload: '/p.cjs', sandbox: true, backgroundThrottling: false })
})
