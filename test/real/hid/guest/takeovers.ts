/* Devices that take over each other's path, and a process that dies while it opens one. */
import { badge, card } from './one-reader.ts'
import type { ReaderProcess } from './reader-process.ts'
import { scannerProfile } from './scanner.ts'
import { pause, same, test } from './suite.ts'
import type { VirtualReader } from './virtual-reader.ts'
import type { VirtualScanner } from './virtual-scanner.ts'

/** `process` reads `scanner`, which is the only device. */
export async function takeOvers(
  reader: VirtualReader,
  scanner: VirtualScanner,
  process: ReaderProcess,
): Promise<void> {
  await test('devices of different kinds take over a path, and each is what it is', async () => {
    const paths = [scanner.path()]
    const from = process.messages.length
    scanner.unplug()
    for (let round = 0; round < 6; round += 1) {
      reader.plug(`T${round}`)
      // Around the moment at which it is opened.
      await pause(220 + Math.random() * 120)
      paths.push(reader.path())
      reader.unplug()
      scanner.plug(`S${round}`)
      await pause(220 + Math.random() * 120)
      paths.push(scanner.path())
      scanner.unplug()
    }
    process.catchUp()
    reader.plug('T9')
    await process.next('reader', ({ state }) => state === 'ready', 15_000)
    // A device that is still being opened keeps its number, so that the next one gets another.
    const takenOver = paths.filter((path, at) => path !== null && path === paths[at - 1]).length
    same(takenOver >= 3, true, 'a path taken over three times')
    await reader.empty()
    const said = process.messages.slice(from).filter(({ type }) => type === 'tap')
    same(said, [], 'taps meanwhile')
    reader.pcprox.present(card)
    same((await process.next('tap')).badge, badge, 'identity')
    reader.pcprox.remove()
    const opened = process.messages.slice(from).filter(({ type }) => type === 'opening').length
    return `12 exchanges, ${takenOver} on the same path, ${opened} openings`
  })
  process.send({ type: 'stop' })
  await process.exited(5_000)
  process.kill()
  reader.unplug()
}

export async function crashWhileOpening(
  [bad, good]: readonly [VirtualReader, VirtualReader],
  take: () => Promise<ReaderProcess>,
): Promise<void> {
  await test('after a crash while a reader was opened, the next process serves the others', async () => {
    bad.plug('C0')
    good.plug('C1')
    const crashing = await take()
    crashing.configure({ profiles: [scannerProfile] })
    const { reader: avoided } = await crashing.next('opening')
    crashing.signal('SIGKILL')
    same(await crashing.exited(3_000), { code: null, signal: 'SIGKILL' }, 'exit')
    const next = await take()
    try {
      next.configure({ avoid: [avoided] })
      const { reader: served } = await next.next('reader', ({ state }) => state === 'ready')
      const [left] = next.messages.filter(
        (message) => message.type === 'reader' && message.reader === avoided,
      )
      same(left?.type === 'reader' && left.state, 'silent', 'state of the one that is left alone')
      same(served === avoided, false, 'the avoided one was opened')
      // Long enough for the empty field to be seen.
      await pause(1_000)
      next.catchUp()
      for (const reader of [bad, good]) reader.pcprox.present(card)
      same((await next.next('tap')).reader, served, 'the tapped one')
      await next.quiet(500)
      return 'the one that was being opened is left alone, and said to be silent'
    } finally {
      next.send({ type: 'stop' })
      await next.exited(5_000)
      next.kill()
      for (const reader of [bad, good]) {
        reader.pcprox.remove()
        reader.unplug()
      }
    }
  })
}
