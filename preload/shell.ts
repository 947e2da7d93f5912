import { contextBridge, ipcRenderer } from 'electron'
import * as z from 'zod/mini'
import { calls, channels, type Envelope, type LanyardBridge } from './contract.ts'
import type { Snapshot } from './shown/snapshot.ts'

// Compiled parsers need `new Function`, which the content security policy forbids.
z.config({ jitless: true })

const refused: Envelope = { ok: false, code: 'bad-request' }
const listeners = new Set<(snapshot: Snapshot) => void>()
let latest: Snapshot | null = null

ipcRenderer.on(channels.snapshot, (_event, snapshot: Snapshot) => {
  latest = snapshot
  for (const listener of listeners) listener(snapshot)
})

const bridge: LanyardBridge = {
  async call(name, input) {
    // Own names only: `constructor` and its like are no calls.
    if (typeof name !== 'string' || !Object.hasOwn(calls, name)) return refused
    const parsed = z.safeParse(calls[name], input)
    if (!parsed.success) return refused
    return (await ipcRenderer.invoke(channels.call, name, parsed.data)) as Envelope
  },
  onSnapshot(listener) {
    listeners.add(listener)
    // Whoever subscribes late sees what is on the glass now.
    if (latest !== null) listener(latest)
    return () => {
      listeners.delete(listener)
    }
  },
}

contextBridge.exposeInMainWorld('lanyard', Object.freeze(bridge))
