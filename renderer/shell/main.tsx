import '../ui/styles.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { LanyardBridge } from '../../preload/contract.ts'
import { App } from './app.tsx'
import { authenticator } from './authenticator.ts'
import { createCeremonies } from './ceremonies.ts'
import { createSnapshotStore } from './snapshot-store.ts'

declare global {
  interface Window {
    readonly lanyard: LanyardBridge
  }
}

const bridge = window.lanyard
const clock = () => Date.now()
const environment = {
  bridge,
  clock,
  ceremonies: createCeremonies({ bridge, authenticator, clock }),
}
const store = createSnapshotStore(bridge)
const root = document.querySelector('#root')
if (root === null) throw new Error('shell: got a page without #root, expected renderer/index.html')
createRoot(root).render(
  <StrictMode>
    <App environment={environment} store={store} />
  </StrictMode>,
)
void bridge.call('shell.ready', {})
