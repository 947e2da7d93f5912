/* One reader from its first plug to its last: found, configured, read, disturbed, replugged. */
import { renameSync } from 'node:fs'
import hid from 'node-hid'
import { monotonicNow } from '../../../../main/badge/reader-messages.ts'
import { encodeWiegand, h10301 } from '../../../../main/badge/wiegand.ts'
import { factoryPages } from '../../../sandbox/virtual-pcprox.ts'
import type { ReaderProcess } from './reader-process.ts'
import { check, pause, same, test, until } from './suite.ts'
import type { VirtualReader } from './virtual-reader.ts'

export const card = encodeWiegand(h10301, { facility: 118, number: 1603 })
export const badge = 'WIEGAND|H10301|26|118|1603'
const other = encodeWiegand(h10301, { facility: 90, number: 324 })
const otherBadge = 'WIEGAND|H10301|26|90|324'

export const pagesOf = ({ pcprox }: VirtualReader) => pcprox.pages.map((page) => [...page])
export const factory = factoryPages.map((page) => [...page])

export async function oneReader(reader: VirtualReader, process: ReaderProcess): Promise<void> {
  const library = '/lib/x86_64-linux-gnu/libusb-1.0.so.0'
  renameSync(library, `${library}.away`)
  process.configure()
  const { pcprox } = reader
  const ready = () => process.next('reader', ({ state }) => state === 'ready')
  const tapped = async (word = card, expected = badge) => {
    pcprox.present(word)
    const tap = await process.next('tap')
    same(tap.badge, expected, 'identity')
    pcprox.remove()
    await process.next('gone')
    return tap
  }
  /** A case that starts with an empty field; a failed one leaves no trouble to the next. */
  const step = (name: string, work: () => Promise<string>) =>
    test(name, async () => {
      reader.calm()
      await reader.empty()
      process.catchUp()
      return work()
    })

  await test('a missing system library is named, and found without a restart', async () => {
    const { detail } = await process.next('reader', ({ state }) => state === 'driver-missing')
    check(/libusb-1\.0\.so\.0/.test(detail), `the advice names no library: ${detail}`)
    check(/apt-get install/.test(detail), `the advice says no command: ${detail}`)
    renameSync(`${library}.away`, library)
    await process.next('reader', ({ state }) => state === 'missing')
    return detail.replaceAll(/\s+/g, ' ')
  })

  await test('a reader that is plugged in is found, opened and ready', async () => {
    const pluggedAt = performance.now()
    reader.plug('A1')
    const { model, detail } = await ready()
    check(/pcProx/.test(model), `model: ${model}`)
    check(/^Firmware 22\.7\.3, type 0501\.$/.test(detail), `detail: ${detail}`)
    return `${Math.round(performance.now() - pluggedAt)} ms after the plug; ${detail}`
  })

  await test('it is configured in RAM: no keystrokes, no stripping, nothing else', async () => {
    const [zero = []] = factory
    const wanted = zero.with(2, 0).with(7, (zero[7] ?? 0) | 0x80)
    same(pagesOf(reader), [wanted, factory[1], factory[2]], 'pages in RAM')
    same(pcprox.eepromWrites, 0, 'EEPROM writes')
    return `page 0 is ${wanted.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`
  })

  await test('two collections on one path are one reader, opened once', async () => {
    const path = reader.path() ?? ''
    const listed = hid.devices().filter((device) => device.path === path)
    same(listed.length, 2, 'entries of node-hid for the path')
    same(process.holds(path), 1, 'descriptors of the path')
    const readies = process.messages.filter((m) => m.type === 'reader' && m.state === 'ready')
    same(readies.length, 1, 'readers that became ready')
    const usages = listed.map(({ usagePage = 0 }) => usagePage.toString(16))
    return `${path}, usage pages ${usages.join(' and ')}, interface ${listed[0]?.interface}`
  })

  await step('a tap carries the exact identity and the time it was read', async () => {
    const presentedAt = monotonicNow()
    const { at } = await tapped()
    check(at >= presentedAt && at <= monotonicNow(), `time ${at} outside of the tap`)
    return `${badge} read ${Math.round(at - presentedAt)} ms after the card came`
  })

  await step('a badge left on the reader is one tap, then one gone', async () => {
    pcprox.present(card)
    await process.next('tap')
    await process.quiet(1_500)
    pcprox.remove()
    await process.next('gone')
    await process.quiet(300)
    return '1.5 s on the reader'
  })

  await step('another badge laid in its place is a tap at once', async () => {
    pcprox.present(card)
    await process.next('tap', (tap) => tap.badge === badge)
    await pause(300)
    pcprox.present(other)
    await process.next('tap', (tap) => tap.badge === otherBadge)
    return otherBadge
  })

  await step('a card of another length keeps its raw bits', async () => {
    await tapped({ bits: 37, value: 0x12_3456_789an }, 'WIEGAND|RAW|37|123456789a')
    return 'WIEGAND|RAW|37|123456789a'
  })

  await step('the lamp turns green or red and goes back to the reader', async () => {
    const { reader: id } = await firstReady()
    for (const [signal, colour] of [
      ['accepted', 'green'],
      ['refused', 'red'],
    ] as const) {
      process.send({ type: 'feedback', reader: id, signal })
      await until(
        () => pcprox.lamp === colour,
        3_000,
        () => `${signal}: ${pcprox.lamp}`,
      )
      await until(
        () => pcprox.lamp === 'own',
        3_000,
        () => `the lamp stays ${pcprox.lamp}`,
      )
    }
    same(pagesOf(reader)[2], factory[2], 'page 2 afterwards')
    same(pcprox.eepromWrites, 0, 'EEPROM writes')
    return 'page 2 as before, EEPROM untouched'
  })

  await step('reports that the kernel has buffered are no taps', async () => {
    const path = reader.path() ?? ''
    const late = await hid.HIDAsync.open(path)
    reader.type(100)
    await process.quiet(800)
    let delivered = 0
    late.on('data', () => (delivered += 1))
    late.on('error', () => {})
    await pause(500)
    await late.close()
    check(delivered > 0, 'the kernel delivered nothing, so nothing was tested')
    await tapped()
    return `${delivered} of 100 reached a listener that came late, none the product`
  })

  await step('a badge that lies there at a resync is no tap', async () => {
    pcprox.present(card)
    await process.next('tap')
    process.send({ type: 'resync' })
    await process.quiet(800)
    await reader.empty()
    await process.next('gone')
    await tapped()
    return 'and its next tap is one'
  })

  await step('a reader that refuses requests is silent, then ready without a tap', async () => {
    reader.fault('error')
    await process.next('reader', ({ state }) => state === 'silent')
    pcprox.present(card)
    reader.calm()
    await ready()
    await process.quiet(800)
    await reader.empty()
    await tapped()
    return 'a badge laid down meanwhile counts when it comes again'
  })

  await step('a reader that talks nonsense is babbling, never a tap, then ready', async () => {
    const from = process.messages.length
    reader.fault('babble')
    await process.next('reader', ({ state }) => state === 'babbling')
    await process.quiet(500)
    reader.calm()
    await ready()
    await reader.empty()
    const said = process.messages.slice(from).filter(({ type }) => type !== 'reader')
    same(said, [], 'messages besides its states')
    await tapped()
    return 'random, truncated and oversized answers'
  })

  let path: string | null = null
  await step('an unplug while it is read is told and closes the device', async () => {
    path = reader.path()
    pcprox.present(card)
    await process.next('tap')
    const unpluggedAt = performance.now()
    reader.unplug()
    await process.next('reader', ({ state }) => state === 'unplugged')
    const ms = Math.round(performance.now() - unpluggedAt)
    await until(
      () => process.holds('/dev/hidraw') === 0,
      3_000,
      () => 'its descriptor stays open',
    )
    return `after ${ms} ms`
  })

  await test('another reader under the same path is read; what lay on it is no tap', async () => {
    pcprox.present(card)
    reader.plug('A2')
    await ready()
    same(reader.path(), path, 'path')
    await process.quiet(800)
    await reader.empty()
    await tapped()
    return `${path} again, with another serial number`
  })

  await step('told to stop, it gives the reader back as it was and ends', async () => {
    process.send({ type: 'feedback', reader: (await firstReady()).reader, signal: 'refused' })
    await until(
      () => pcprox.lamp === 'red',
      3_000,
      () => 'the lamp did not turn red',
    )
    process.send({ type: 'stop' })
    same(await process.exited(5_000), { code: 0, signal: null }, 'exit')
    same(pagesOf(reader), factory, 'pages in RAM')
    same(pcprox.eepromWrites, 0, 'EEPROM writes')
    return 'all three pages, lamp included; exit code 0'
  })
  process.kill()
  reader.unplug()

  async function firstReady() {
    const found = process.messages.find((m) => m.type === 'reader' && m.state === 'ready')
    check(found?.type === 'reader', 'it never was ready')
    return found
  }
}
