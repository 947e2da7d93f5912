/* The reader process with the real serialport at ttys of the kernel, and virtual readers behind them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readerId } from '../../../main/badge/reader-host.ts'
import { monotonicNow } from '../../../main/badge/reader-messages.ts'
import { check, pause, same, until } from '../hid/guest/suite.ts'
import { createCable } from './cable.ts'
import { figure, finish, test } from '../case-report.ts'
import { launchReaderProcess } from './reader-process.ts'
import { createVirtualRfIdeas } from './virtual-rfideas.ts'
import { createVirtualTwn4 } from './virtual-twn4.ts'

const pollMs = 250
const idleSeconds = 10
const badge = 'WIEGAND|H10301|26|118|1603'
const printed = (text: string) => `PRINTED|RAW|32|${Buffer.from(text).toString('hex')}`

const folder = mkdtempSync(join(tmpdir(), 'lanyard-serial-'))
const byId = join(folder, 'by-id')
mkdirSync(byId)
const cables = {
  twn4: createCable(join(byId, 'usb-elatec')),
  rfideas: createCable(join(byId, 'usb-rfideas')),
  printer: createCable(join(byId, 'usb-printer')),
}
const twn4 = createVirtualTwn4({ send: cables.twn4.send })
const rfideas = createVirtualRfIdeas({
  send: cables.rfideas.send,
  now: () => performance.now(),
  chatty: true,
})
cables.twn4.connect(twn4)
cables.rfideas.connect(rfideas)
const ids = {
  twn4: readerId(cables.twn4.path),
  rfideas: readerId(cables.rfideas.path),
  printer: readerId(cables.printer.path),
}
const ports = [
  { path: cables.twn4.path, protocol: 'elatec-simple', baudRate: 115_200 },
  { path: cables.rfideas.path, protocol: 'rfideas', baudRate: 9_600 },
  { path: cables.printer.path, protocol: 'lines', baudRate: 9_600 },
] as const

const product = resolve(process.argv[2] ?? 'out/main/reader.js')
const reader = launchReaderProcess({ product })
const state = (id: string, wanted: string, ms?: number) =>
  reader.next('reader', (message) => message.reader === id && message.state === wanted, ms)
const tapOf = (id: string, ms?: number) =>
  reader.next('tap', (message) => message.reader === id, ms)
const goneOf = (id: string) => reader.next('gone', (message) => message.reader === id)
const print = cables.printer.send

/** A case that starts in calm; a failed one leaves no trouble to the next. */
const step = (name: string, work: () => Promise<string>) =>
  test(name, async () => {
    twn4.fault = 'none'
    twn4.tag = null
    await pause(3 * pollMs)
    reader.catchUp()
    return work()
  })

/** Until the field has been seen empty for so long that the next badge in it is a tap. */
async function twn4Rests(): Promise<void> {
  twn4.tag = null
  const from = twn4.searches
  const enough = () => twn4.searches >= from + 5
  await until(enough, 8_000, () => `only ${twn4.searches - from} searches`)
}

async function twn4Taps(): Promise<number> {
  twn4.tag = { type: 0x49, bits: 26, hex: 'BB032180' }
  const laidAt = monotonicNow()
  const tap = await tapOf(ids.twn4)
  same(tap.badge, badge, 'identity')
  twn4.tag = null
  await goneOf(ids.twn4)
  return Math.round(tap.at - laidAt)
}

try {
  await test('no port of the policy is there', async () => {
    reader.configure(ports, pollMs)
    const { detail } = await reader.next('reader', (message) => message.state === 'missing')
    check(/by-id/.test(detail), `detail: ${detail}`)
    return detail
  })

  await test('three readers are found as they are plugged in', async () => {
    const said: string[] = []
    for (const name of ['twn4', 'rfideas', 'printer'] as const) {
      const pluggedAt = performance.now()
      await cables[name].plug()
      const { detail } = await state(ids[name], 'ready')
      said.push(`${name} ${Math.round(performance.now() - pluggedAt)} ms, ${detail}`)
    }
    return said.join(' ')
  })

  await step('a TWN4 tells a tap and when it is gone', async () => `${await twn4Taps()} ms`)

  await step('a pcProx Plus with prompt and echo does, with the whole word', async () => {
    same(rfideas.variables.get('wieg.strip.lead.bits'), '0', 'stripped bits')
    rfideas.present('2ec0c86', 26)
    const { badge: read } = await tapOf(ids.rfideas)
    same(read, badge, 'identity')
    await reader.quiet(1_000)
    rfideas.remove()
    await goneOf(ids.rfideas)
    return 'laid there for a second, one tap'
  })

  await step('a reader that prints does, however its line is cut', async () => {
    for (const part of ['12', '3', '4\r', '\n']) {
      print(part)
      await pause(30)
    }
    same((await tapOf(ids.printer)).badge, printed('1234'), 'identity')
    await goneOf(ids.printer)
    print('1235\r\n1236\r\n')
    same((await tapOf(ids.printer)).badge, printed('1235'), 'the first of two')
    same((await tapOf(ids.printer)).badge, printed('1236'), 'the second of two')
    return 'in four pieces, and two at once'
  })

  await step('half a line is no badge, nor is its other half', async () => {
    print('12')
    await pause(400)
    print('34\r')
    await reader.quiet(500)
    print('1237\r')
    same((await tapOf(ids.printer)).badge, printed('1237'), 'the next line')
    return '400 ms between the halves'
  })

  await step('garbage is no badge', async () => {
    print('\u0000\u00ff\u001b[2J'.repeat(40))
    print('x'.repeat(5_000))
    await reader.quiet(500)
    print('\r')
    await pause(3_500)
    reader.catchUp()
    print('1238\r')
    same((await tapOf(ids.printer)).badge, printed('1238'), 'the next line')
    return 'NULs, escapes, and 5000 characters without an end'
  })

  await step('a TWN4 that sends halves and garbage tells no badge, then taps again', async () => {
    twn4.fault = 'half'
    twn4.tag = { type: 0x49, bits: 26, hex: 'BB032180' }
    await reader.quiet(1_500)
    twn4.fault = 'garbage'
    await reader.quiet(1_500)
    twn4.fault = 'none'
    await twn4Rests()
    return `${await twn4Taps()} ms`
  })

  await step('one that answers nothing is silent; its late answers are no taps', async () => {
    const from = performance.now()
    twn4.fault = 'late'
    twn4.tag = { type: 0x49, bits: 26, hex: 'BB032180' }
    await state(ids.twn4, 'silent')
    const ms = Math.round(performance.now() - from)
    twn4.tag = null
    twn4.fault = 'none'
    twn4.catchUp()
    await state(ids.twn4, 'ready')
    await twn4Rests()
    await reader.quiet(0)
    return `said after ${ms} ms; ready again; then a tap after ${await twn4Taps()} ms`
  })

  await step('the lamp turns green for a moment, with a beep', async () => {
    const beeps = twn4.beeps
    reader.send({ type: 'feedback', reader: ids.twn4, signal: 'accepted' })
    await until(
      () => twn4.lamps === 2 && twn4.beeps === beeps + 1,
      3_000,
      () => `lamps ${twn4.lamps}, beeps ${twn4.beeps - beeps}`,
    )
    await until(
      () => twn4.lamps === 0,
      3_000,
      () => `the lamps stay ${twn4.lamps}`,
    )
    return 'and goes out'
  })

  await step('an unplug is told at once, and a replug under the same name is found', async () => {
    const times: number[] = []
    for (const name of ['twn4', 'rfideas', 'printer'] as const) {
      const unpluggedAt = performance.now()
      await cables[name].unplug()
      await state(ids[name], 'unplugged')
      times.push(Math.round(performance.now() - unpluggedAt))
      // What was set in its RAM is lost without power.
      if (name === 'rfideas') rfideas.variables.set('wieg.strip.lead.bits', '1')
      const pluggedAt = performance.now()
      await cables[name].plug()
      await state(ids[name], 'ready')
      times.push(Math.round(performance.now() - pluggedAt))
    }
    await twn4Rests()
    return `off and on in ms: ${times.join(', ')}; then a tap after ${await twn4Taps()} ms`
  })

  await step('what a reader printed before its port was opened is no badge', async () => {
    await cables.printer.unplug()
    await state(ids.printer, 'unplugged')
    await cables.printer.plug()
    print('1234\r56')
    await state(ids.printer, 'ready')
    await reader.quiet(700)
    print('78\r1239\r')
    same((await tapOf(ids.printer)).badge, printed('1239'), 'the next line')
    return 'one and a half lines were waiting'
  })

  await step('nobody taps', async () => {
    const [cpu, asked, startedAt] = [reader.cpuMs(), twn4.requests, performance.now()]
    await reader.quiet(idleSeconds * 1_000)
    const elapsed = performance.now() - startedAt
    const percent = (((reader.cpuMs() - cpu) / elapsed) * 100).toFixed(2)
    const polls = ((twn4.requests - asked) / (elapsed / 1_000)).toFixed(1)
    check(twn4.requests > asked, 'the TWN4 is not polled')
    figure(`idle CPU, three ports, two polled every ${pollMs} ms, % of one core`, percent)
    return `${percent} % of one core over ${idleSeconds} s, ${polls} polls a second each`
  })

  if (process.getuid?.() === 0)
    await test('an account that may not open the ports is told what to do', async () => {
      for (const path of [folder, byId]) chmodSync(path, 0o755)
      const other = launchReaderProcess({ product, uid: 65_534 })
      try {
        other.configure(ports.slice(2), pollMs)
        const denied = await other.next('reader', (said) => said.state === 'permission-denied')
        check(/dialout/.test(denied.detail), `detail: ${denied.detail}`)
        return denied.detail
      } finally {
        other.kill()
      }
    })
  else console.log('SKIPPED an account that may not open the ports: only root can be another')

  await step('a port that another program has is not fought over', async () => {
    const second = launchReaderProcess({ product })
    try {
      second.configure(ports.slice(2), pollMs)
      const { detail } = await second.next('reader', (said) => said.state === 'silent')
      check(/another program/i.test(detail), `detail: ${detail}`)
      print('1240\r')
      same((await tapOf(ids.printer)).badge, printed('1240'), 'who has it reads on')
      return detail
    } finally {
      second.kill()
    }
  })

  await step('told to stop, it gives the readers back and ends', async () => {
    reader.send({ type: 'feedback', reader: ids.twn4, signal: 'refused' })
    await until(
      () => twn4.lamps === 1,
      3_000,
      () => 'the lamp did not turn red',
    )
    reader.send({ type: 'stop' })
    same(await reader.exited(5_000), { code: 0, signal: null }, 'exit')
    same(twn4.lamps, 0, 'lamps of the TWN4')
    same(rfideas.variables.get('wieg.strip.lead.bits'), '1', 'stripped bits of the pcProx Plus')
    return 'lamps out, settings as before, exit code 0'
  })
} finally {
  reader.kill()
  for (const cable of Object.values(cables)) await cable.unplug()
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = finish('test:serial')
