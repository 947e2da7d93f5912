import { useMemo } from 'react'
import type { LanyardBridge } from '../../preload/contract.ts'
import { App } from '../shell/app.tsx'
import type { Authenticator } from '../shell/authenticator.ts'
import { createCeremonies } from '../shell/ceremonies.ts'
import { createSnapshotStore } from '../shell/snapshot-store.ts'
import { now } from './people.ts'
import { type GalleryRequest, requestHash } from './request.ts'
import { type Sample, snapshotOf } from './samples.ts'

declare global {
  interface Window {
    /** What the shown screen has called, oldest first; for the tests. */
    galleryCalls?: { readonly name: string; readonly input: unknown }[]
  }
}

/** A system window that stays open. */
const authenticator: Authenticator = {
  get: () => Promise.withResolvers<never>().promise,
  create: () => Promise.withResolvers<never>().promise,
  abort: () => undefined,
}

const clock = () => now

/** A bridge whose calls are noted and lead nowhere, but for language and theme. */
function stage(sample: Sample, request: GalleryRequest) {
  const snapshot = snapshotOf(sample, request)
  const calls: NonNullable<Window['galleryCalls']> = []
  window.galleryCalls = calls
  const bridge: LanyardBridge = {
    async call(name, input) {
      calls.push({ name, input })
      if (name === 'shell.setLocale' || name === 'shell.setTheme')
        location.hash = requestHash({ ...request, ...input })
      return { ok: true }
    },
    onSnapshot(listener) {
      listener(snapshot)
      return () => undefined
    },
  }
  return {
    environment: { bridge, clock, ceremonies: createCeremonies({ bridge, authenticator, clock }) },
    store: createSnapshotStore(bridge),
  }
}

/** The real shell on one sample. */
export function Frame({
  sample,
  request,
}: {
  readonly sample: Sample
  readonly request: GalleryRequest
}) {
  const { environment, store } = useMemo(() => stage(sample, request), [sample, request])
  return <App environment={environment} store={store} />
}
