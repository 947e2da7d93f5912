import { expect, test, vi } from 'vitest'
import type { LanyardBridge } from '../../preload/contract.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { samples, snapshotOf } from '../gallery/samples.ts'
import { createSnapshotStore } from './snapshot-store.ts'

const [sample] = samples
if (sample === undefined) throw new Error('snapshot-store.test: got no sample, expected some')
const snapshot = (version: number): Snapshot => ({
  ...snapshotOf(sample, { locale: 'en', theme: 'light' }),
  version,
})

function bench() {
  let push: (snapshot: Snapshot) => void = () => undefined
  const bridge: LanyardBridge = {
    call: async () => ({ ok: true }),
    onSnapshot(listener) {
      push = listener
      return () => undefined
    },
  }
  const store = createSnapshotStore(bridge)
  return { store, push: (version: number) => push(snapshot(version)) }
}

test('is empty until the first snapshot, then holds the newest', () => {
  const { store, push } = bench()
  expect(store.current()).toBeNull()
  push(1)
  push(2)
  expect(store.current()?.version).toBe(2)
})

test('a snapshot older than the one shown is dropped without a word', () => {
  const { store, push } = bench()
  const listener = vi.fn<() => void>()
  store.subscribe(listener)
  push(5)
  push(4)
  expect(store.current()?.version).toBe(5)
  expect(listener).toHaveBeenCalledTimes(1)
})

test('who has unsubscribed hears nothing', () => {
  const { store, push } = bench()
  const listener = vi.fn<() => void>()
  store.subscribe(listener)()
  push(1)
  expect(listener).not.toHaveBeenCalled()
})
