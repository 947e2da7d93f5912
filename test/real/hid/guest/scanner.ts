/* A scanner that tells each code once, and what such a one must not become. */
import { canonicalBadge } from '../../../../main/badge/canonical.ts'
import type { SiteProfile } from '../../../../main/badge/site-profile.ts'
import type { ReaderProcess } from './reader-process.ts'
import { pause, same, test } from './suite.ts'
import type { VirtualScanner } from './virtual-scanner.ts'

export const scannerProfile: SiteProfile = {
  reader: 'hid-pos',
  cards: 'text',
  length: 6,
  prefix: 'N',
}
const badgeOf = (number: string) =>
  canonicalBadge({
    technology: 'BARCODE',
    format: 'RAW',
    bits: 48,
    value: BigInt(`0x${Buffer.from(number, 'latin1').toString('hex')}`),
  })
/** Longer than parts of one code may be apart, and than the process drains after an opening. */
const settledMs = 700

export async function oneScanner(scanner: VirtualScanner, process: ReaderProcess): Promise<void> {
  const ready = () => process.next('reader', ({ state }) => state === 'ready', 12_000)

  await test('what a scanner sends before anyone listens is no tap', async () => {
    process.configure({ profiles: [scannerProfile] })
    scanner.plug('S1')
    let sent = 0
    while (process.holds(scanner.path() ?? 'none') === 0) {
      scanner.scan('N110111')
      sent += 1
      await pause(2)
    }
    // The kernel keeps for whoever has it open, and nobody listens yet.
    for (let time = 0; time < 10; time += 1) scanner.scan('N110111')
    await ready()
    await process.quiet(settledMs)
    scanner.scan('N220222')
    same((await process.next('tap')).badge, badgeOf('220222'), 'identity')
    await process.next('gone')
    return `${sent} codes before it was opened, and ten at once when it was`
  })

  await test('its keyboard, on the same path, is not read', async () => {
    for (let key = 0x1e; key < 0x26; key += 1) scanner.typeKey(key)
    await process.quiet(settledMs)
    same(process.holds(scanner.path() ?? ''), 1, 'descriptors of the path')
    return 'eight keys'
  })

  await test('a code that is repeated again and again is one tap', async () => {
    for (let time = 0; time < 20; time += 1) {
      scanner.scan('N330333')
      await pause(30)
    }
    same((await process.next('tap')).badge, badgeOf('330333'), 'identity')
    await pause(settledMs)
    const taps = process.messages.filter(
      (message) => message.type === 'tap' && message.badge === badgeOf('330333'),
    )
    same(taps.length, 1, 'taps')
    process.catchUp()
    return '20 times'
  })

  await test('half a code is no badge, and the next one is not joined to it', async () => {
    scanner.scan('N40', { more: true })
    await pause(settledMs)
    scanner.scan('4444')
    await process.quiet(settledMs)
    scanner.scan('N550555')
    same((await process.next('tap')).badge, badgeOf('550555'), 'identity')
    process.catchUp()
    return 'its rest alone was none either'
  })

  await test('an unplugged scanner is told, and read again after its replug', async () => {
    scanner.unplug()
    await process.next('reader', ({ state }) => state === 'unplugged')
    scanner.plug('S2')
    await ready()
    await pause(settledMs)
    scanner.scan('N999990')
    same((await process.next('tap')).badge, badgeOf('999990'), 'identity')
    process.catchUp()
    return 'by another serial number'
  })
}
