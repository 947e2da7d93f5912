/* Four readers at once, plugged in one after the other beside those that work. */
import { encodeWiegand, h10301 } from '../../../../main/badge/wiegand.ts'
import { badge, card, factory, pagesOf } from './one-reader.ts'
import type { ReaderProcess } from './reader-process.ts'
import { check, pause, same, test } from './suite.ts'
import type { VirtualReader } from './virtual-reader.ts'

const other = encodeWiegand(h10301, { facility: 90, number: 324 })
const otherBadge = 'WIEGAND|H10301|26|90|324'
/** The host looks by itself every 10 s while it has a reader; told by the system, it looks at once. */
const promptMs = 5_000

export type Four = readonly [VirtualReader, VirtualReader, VirtualReader, VirtualReader]

export async function manyReaders(readers: Four, process: ReaderProcess): Promise<void> {
  const [first, second, third] = readers
  const ids: string[] = []
  const plug = async (reader: VirtualReader, serialNumber: string) => {
    const pluggedAt = performance.now()
    reader.plug(serialNumber)
    const ready = await process.next('reader', ({ state }) => state === 'ready')
    ids.push(ready.reader)
    return Math.round(performance.now() - pluggedAt)
  }
  const emptyAll = async () => {
    await Promise.all(readers.map((reader) => reader.empty()))
    process.catchUp()
  }

  await test('readers that come beside a working one are found at once, without a restart', async () => {
    process.configure()
    await plug(first, 'M0')
    const took: number[] = []
    for (const [index, reader] of readers.slice(1).entries())
      took.push(await plug(reader, `M${index + 1}`))
    same(new Set(ids).size, 4, 'names')
    for (const ms of took) check(ms < promptMs, `${ms} ms after its plug`)
    for (const reader of readers) same(process.holds(reader.path() ?? ''), 1, 'descriptors')
    return `${took.join(', ')} ms after their plugs; each opened once`
  })

  await test('two badges on two readers at once are two taps, each of its reader', async () => {
    await emptyAll()
    first.pcprox.present(card)
    third.pcprox.present(other)
    const taps = [await process.next('tap'), await process.next('tap')]
    const told = taps.map((tap) => `${ids.indexOf(tap.reader)} ${tap.badge}`).toSorted()
    same(told, [`0 ${badge}`, `2 ${otherBadge}`], 'taps')
    for (const reader of [first, third]) reader.pcprox.remove()
    await process.next('gone')
    await process.next('gone')
    await process.quiet(300)
    const apart = Math.abs((taps[0]?.at ?? 0) - (taps[1]?.at ?? 0))
    return `read ${Math.round(apart)} ms apart`
  })

  await test('one badge on two readers at once is a tap on each', async () => {
    await emptyAll()
    for (const reader of [first, second]) reader.pcprox.present(card)
    const taps = [await process.next('tap'), await process.next('tap')]
    same(new Set(taps.map((tap) => tap.reader)).size, 2, 'readers')
    same(new Set(taps.map((tap) => tap.badge)).size, 1, 'badges')
    return 'no reader knows of the other'
  })

  await test('half a card and half of another are never a third', async () => {
    await emptyAll()
    const from = process.messages.length
    let exchanges = 0
    // Between the two requests that read one card, which is the worst moment.
    second.whenAnswered((request, data) => {
      if (request !== 'set' || data[1] !== 0x8e) return
      exchanges += 1
      second.pcprox.present(exchanges % 2 ? other : card)
    })
    second.pcprox.present(card)
    await pause(1_500)
    second.whenAnswered(() => {})
    await second.empty()
    const since = process.messages.slice(from)
    if (since.some((message) => message.type === 'reader' && message.state === 'babbling')) {
      await process.next('reader', ({ state }) => state === 'ready')
      await second.empty()
    }
    second.pcprox.present(other)
    await process.next('tap', (tap) => tap.badge === otherBadge && tap.reader === ids[1])
    second.pcprox.remove()
    await process.next('gone')
    const taps = process.messages.slice(from).filter((message) => message.type === 'tap')
    const strange = taps.filter((tap) => tap.badge !== badge && tap.badge !== otherBadge)
    same(strange, [], 'taps of neither')
    check(exchanges > 3, `only ${exchanges} exchanges`)
    return `${exchanges} exchanges, ${taps.length} taps, all of the two`
  })

  await test('told to stop, it gives all four back and ends', async () => {
    process.send({ type: 'stop' })
    same(await process.exited(8_000), { code: 0, signal: null }, 'exit')
    for (const reader of readers) same(pagesOf(reader), factory, 'pages in RAM')
    return 'all pages of all four; exit code 0'
  })
  process.kill()
  for (const reader of readers) reader.unplug()
}
