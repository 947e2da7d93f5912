/* The reader process with the real pcsc-mini at a real pcscd, and cards of our own in its readers. */
import { resolve } from 'node:path'
import { readerId } from '../../../main/badge/reader-host.ts'
import { check, pause, same } from '../hid/guest/suite.ts'
import { figure, finish, test } from '../case-report.ts'
import { launchReaderProcess } from './reader-process.ts'
import { createService } from './service.ts'
import { createVirtualSlot, type CardOptions } from './virtual-card.ts'

const root = process.env['LANYARD_PCSC_ROOT'] ?? ''
const idleSeconds = 10
const plainPort = 0x8c7b
const omnikeyPort = 0x8c8b
const service = createService({
  root,
  readers: { 'Virtual PCD': plainPort, 'HID OMNIKEY 5427 CK': omnikeyPort },
})
const plain = createVirtualSlot({ port: plainPort })
const omnikey = createVirtualSlot({ port: omnikeyPort })
const ids = { plain: readerId('Virtual PCD 00 00'), omnikey: readerId('HID OMNIKEY 5427 CK 00 00') }

const classicAtr = '3b8f8001804f0ca000000306030001000000006a'
const desfireAtr = '3b8180018080'
const uidCommand = 'ffca000000'
const pacsCommand = 'ff70076b07a005a10380010400'
const card = (atr: string, answers: Readonly<Record<string, string>>): CardOptions => ({
  atr,
  answer: (command) => answers[command] ?? '6d00',
})
const classic = (uid: string) => card(classicAtr, { [uidCommand]: `${uid}9000` })
const nurse = classic('1ab2c3d4')
const nurseBadge = 'ISO14443A|RAW|32|1ab2c3d4'
const physician = card(desfireAtr, { [uidCommand]: '04a1b2c3d4e5809000' })
const physicianBadge = 'ISO14443A|RAW|56|04a1b2c3d4e580'

const reader = launchReaderProcess({ product: resolve(process.argv[2] ?? 'out/main/reader.js') })
const state = (id: string, wanted: string, ms?: number) =>
  reader.next('reader', (message) => message.reader === id && message.state === wanted, ms)
const tapOf = (id: string, ms?: number) => reader.next('tap', (said) => said.reader === id, ms)
const goneOf = (id: string) => reader.next('gone', (said) => said.reader === id)

/** A case that starts with empty readers; a failed one leaves nothing to the next. */
const step = (name: string, work: () => Promise<string>) =>
  test(name, async () => {
    const seen = await work()
    await reader.quiet(200)
    return seen
  }).finally(async () => {
    plain.remove()
    omnikey.remove()
    await pause(600)
  })

async function tapped(slot: typeof plain, inserted: CardOptions, id: string, badge: string) {
  const startedAt = performance.now()
  await slot.insert(inserted)
  const tap = await tapOf(id)
  const ms = Math.round(performance.now() - startedAt)
  same(tap.badge, badge, 'badge')
  slot.remove()
  await goneOf(id)
  return `after ${ms} ms, of which the virtual reader's look for cards is most`
}

try {
  await test('without a service there is no reader, and no complaint', async () => {
    reader.configure()
    const { detail } = await state('none', 'missing')
    check(detail.includes('systemctl enable --now pcscd.socket'), `advice: ${detail}`)
    return detail
  })
  await test('the service is found once it runs; a card that lies there is no tap', async () => {
    await service.start()
    await plain.insert(nurse)
    const { model } = await state(ids.plain, 'ready', 12_000)
    await reader.quiet(1_500)
    plain.remove()
    await goneOf(ids.plain)
    return model
  })
  await pause(600)
  await step('a card is tapped, and gone when it leaves', () =>
    tapped(plain, nurse, ids.plain, nurseBadge),
  )
  await step('the same card again is a tap again', () =>
    tapped(plain, nurse, ids.plain, nurseBadge),
  )
  await step('another card is another badge', () =>
    tapped(plain, physician, ids.plain, physicianBadge),
  )
  await step('a random number identifies and must not be enrolled', async () => {
    await plain.insert(classic('08112233'))
    const tap = await tapOf(ids.plain)
    same([tap.badge, tap.refusedAtEnrolment], ['ISO14443A|RAW|32|08112233', 'random'], 'tap')
    plain.remove()
    await goneOf(ids.plain)
    return `${tap.refusedAtEnrolment}`
  })
  await step('an OMNIKEY is asked for the credential first', async () => {
    const pacs = '9d0803060381258c47d09000'
    const credential = card(desfireAtr, { [pacsCommand]: pacs, [uidCommand]: '04aabbccddeeff9000' })
    await omnikey.insert(credential)
    const tap = await tapOf(ids.omnikey)
    same(tap.badge, 'WIEGAND|RAW|37|1024b188fa', 'badge')
    same(omnikey.asked, [pacsCommand], 'commands')
    omnikey.remove()
    await goneOf(ids.omnikey)
    return '37 bits, and the identifier is not asked for'
  })
  await step('an OMNIKEY that has no credential of the card tells its identifier', () =>
    tapped(omnikey, physician, ids.omnikey, physicianBadge),
  )
  await step('where the site has chips, an OMNIKEY is asked for the identifier alone', async () => {
    const chip = { chip: 'DESFIRE', length: null, order: 'first-byte-first' } as const
    reader.configure([{ reader: 'pcsc:omnikey', cards: 'chip', ...chip }])
    await omnikey.insert(physician)
    same((await tapOf(ids.omnikey)).badge, physicianBadge, 'badge')
    same(omnikey.asked, [uidCommand], 'commands')
    omnikey.remove()
    await goneOf(ids.omnikey)
    reader.configure()
    return ''
  })
  await step('a contact card is asked nothing', async () => {
    await plain.insert(card('3b9f958131fe9f006646530523002571df000000000000', {}))
    await reader.quiet(1_500)
    same(plain.asked, [], 'commands')
    return ''
  })
  await step('a card that leaves while it is read is no badge, and the next one is', async () => {
    const answer = () => {
      plain.remove()
      return null
    }
    await plain.insert({ atr: classicAtr, answer })
    await reader.quiet(2_000)
    await plain.insert(physician)
    same((await tapOf(ids.plain)).badge, physicianBadge, 'badge')
    plain.remove()
    await goneOf(ids.plain)
    return ''
  })
  await step('a card that hangs is silence at its reader alone, and no tap later', async () => {
    await plain.insert({ atr: classicAtr, answer: () => null })
    await state(ids.plain, 'silent')
    const beside = await tapped(omnikey, physician, ids.omnikey, physicianBadge)
    plain.say('1ab2c3d49000')
    await state(ids.plain, 'ready')
    await reader.quiet(500)
    plain.remove()
    await goneOf(ids.plain)
    return `beside it ${beside}`
  })
  await test(`idle for ${idleSeconds} s with four slots`, async () => {
    await pause(1_000)
    const before = reader.cpuMs()
    await pause(idleSeconds * 1_000)
    const used = (reader.cpuMs() - before) / idleSeconds
    figure('idle CPU', `${used.toFixed(2)} ms/s (${(used / 10).toFixed(3)} % of a core)`)
    check(used < 10, `${used.toFixed(2)} ms/s of CPU with nothing to do`)
    return ''
  })
  await test('readers go with the service, and come back with it', async () => {
    await plain.insert(nurse)
    await tapOf(ids.plain)
    await service.kill()
    await state(ids.plain, 'unplugged')
    plain.remove()
    await pause(2_500)
    await service.start()
    await plain.insert(nurse)
    await state(ids.plain, 'ready', 12_000)
    await reader.quiet(1_500)
    plain.remove()
    await goneOf(ids.plain)
    await pause(600)
    return tapped(plain, nurse, ids.plain, nurseBadge)
  })
  await test('the process ends when it is told to', async () => {
    reader.send({ type: 'stop' })
    const { code, signal } = await reader.exited(3_000)
    same([code, signal], [0, null], 'end')
    same(reader.stderr(), '', 'standard error')
    return ''
  })
} finally {
  reader.kill()
  await service.kill()
  service.remove()
}
process.exitCode = finish('test:pcsc')
