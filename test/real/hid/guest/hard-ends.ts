/* Readers that hang, agents that vanish, systems that forbid. */
import { chmodSync } from 'node:fs'
import { factoryPages } from '../../../sandbox/virtual-pcprox.ts'
import { badge, card, factory, pagesOf } from './one-reader.ts'
import type { ReaderProcess } from './reader-process.ts'
import { pause, same, test } from './suite.ts'
import type { VirtualReader } from './virtual-reader.ts'

const [zero, one] = factoryPages
/** Inverted, bits and bytes reversed: a site's reader of another fleet. */
const transformed = [zero, one, Uint8Array.of(0, 0x08 | 0x20 | 0x40, 0, 0, 0, 0, 0, 0)] as const

export async function twoReaders(
  [first, second]: readonly [VirtualReader, VirtualReader],
  process: ReaderProcess,
): Promise<void> {
  first.plug('A3')
  second.pcprox.burn(transformed)
  second.plug('B1')
  process.configure()
  const ids: string[] = []

  await test('two readers work side by side, each under its own name', async () => {
    for (const _ of [first, second]) {
      const { reader } = await process.next('reader', ({ state }) => state === 'ready')
      ids.push(reader)
    }
    same(new Set(ids).size, 2, 'names')
    return ids.join(', ')
  })

  await test('readers that turn bits and bytes around agree on the badge', async () => {
    for (const reader of [first, second]) {
      await reader.empty()
      reader.pcprox.present(card)
      const tap = await process.next('tap')
      same(tap.badge, badge, 'identity')
      reader.pcprox.remove()
      await process.next('gone', (gone) => gone.reader === tap.reader)
      ids[reader === first ? 0 : 1] = tap.reader
    }
    return badge
  })

  await test('a hung reader costs itself only; what it missed is no tap later', async () => {
    await second.empty()
    first.fault('hang')
    const silent = await process.next('reader', ({ state }) => state === 'silent')
    same(silent.reader, ids[0], 'the silent one')
    first.pcprox.present(card)
    const presentedAt = performance.now()
    second.pcprox.present(card)
    const tap = await process.next('tap', undefined, 2_000)
    const ms = Math.round(performance.now() - presentedAt)
    same(tap.reader, ids[1], 'the one that was tapped')
    second.pcprox.remove()
    await process.next('gone', undefined, 2_000)
    first.calm()
    await process.next('reader', ({ state, reader }) => state === 'ready' && reader === ids[0])
    await process.quiet(800)
    await first.empty()
    first.pcprox.present(card)
    same((await process.next('tap')).reader, ids[0], 'the one that is back')
    first.pcprox.remove()
    await process.next('gone')
    return `the other was read ${ms} ms after its card came`
  })

  await test('an unplug while a request hangs is told', async () => {
    first.fault('hang')
    await process.next('reader', ({ state }) => state === 'silent')
    const unpluggedAt = performance.now()
    first.unplug()
    const blocked = Math.round(performance.now() - unpluggedAt)
    const { reader } = await process.next('reader', ({ state }) => state === 'unplugged')
    same(reader, ids[0], 'the unplugged one')
    const ms = Math.round(performance.now() - unpluggedAt)
    return `after ${ms} ms, of which the kernel took ${blocked} ms`
  })

  await test('on SIGTERM the reader that is left is given back', async () => {
    process.signal('SIGTERM')
    same(await process.exited(5_000), { code: 0, signal: null }, 'exit')
    same(
      pagesOf(second),
      transformed.map((page) => [...page]),
      'pages in RAM',
    )
    same(second.pcprox.eepromWrites, 0, 'EEPROM writes')
    return 'all three pages; exit code 0'
  })
  process.kill()
  second.unplug()
  second.pcprox.burn(factoryPages)
}

export async function hardEnds(
  reader: VirtualReader,
  take: () => Promise<ReaderProcess>,
): Promise<void> {
  await test('told to stop while the reader hangs, it ends all the same', async () => {
    reader.plug('A4')
    const process = await take()
    process.configure()
    try {
      await process.next('reader', ({ state }) => state === 'ready')
      reader.fault('hang')
      await pause(300)
      const stoppedAt = performance.now()
      process.send({ type: 'stop' })
      // The kernel itself lets go of the request after 5 s.
      const { signal } = await process.exited(3_000)
      const ms = Math.round(performance.now() - stoppedAt)
      return `by ${signal ?? 'an orderly exit'} after ${ms} ms`
    } finally {
      process.kill()
      reader.unplug()
    }
  })

  const nobody = await take()
  await test('without permission it says what to do, and works once that is done', async () => {
    reader.plug('A5')
    nobody.configure()
    const denied = await nobody.next('reader', ({ state }) => state === 'permission-denied')
    chmodSync(reader.path() ?? '', 0o666)
    await nobody.next('reader', ({ state }) => state === 'ready')
    await reader.empty()
    reader.pcprox.present(card)
    same((await nobody.next('tap')).badge, badge, 'identity')
    reader.pcprox.remove()
    await nobody.next('gone')
    return denied.detail
  })

  await test('when the agent is gone the reader is given back', async () => {
    nobody.disconnect()
    same(await nobody.exited(5_000), { code: 0, signal: null }, 'exit')
    same(pagesOf(reader), factory, 'pages in RAM')
    return 'all three pages; exit code 0'
  })
  nobody.kill()
  reader.unplug()
}
