import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { check, expectKept, pause, startWriter } from '../support/crash.ts'
import { createDisks, type Disks, disksLack, run, works } from '../support/disks.ts'

let disks: Disks
beforeEach(() => {
  disks = createDisks()
})
afterEach(() => disks.dispose())

const lacks = disksLack()
const noStrace = works('strace', '-V') ? null : 'strace (apt-get install strace)'
for (const missing of [lacks, noStrace])
  if (missing) console.warn(`Skipped in store-power.test.ts: this machine lacks ${missing}.`)

describe('the embedded store when its process is killed', () => {
  test('loses nothing that was acknowledged, 100 times', async () => {
    let total = 0
    for (let round = 0; round < 100; round++) {
      // A new database every ten rounds, so that recovery on recovery and first starts both count.
      const database = join(disks.directory, `d${Math.floor(round / 10)}`, 'lanyard.db')
      const writer = startWriter({ database })
      if (round % 4 !== 3) await writer.ready
      await pause(Math.random() * 600)
      await writer.kill()
      total += writer.acknowledged.length
      expectKept(await check(database), writer.acknowledged)
    }
    console.log(`kill -9: 100 rounds, ${total} acknowledged, 0 lost`)
    expect(total).toBeGreaterThan(1000)
  })
})

describe.skipIf(lacks)(
  `the embedded store when the power fails${lacks ? ` (lacks ${lacks})` : ''}`,
  () => {
    const rounds = 15

    test(`loses nothing that was acknowledged, ${rounds} times; what was not flushed is lost`, async () => {
      let total = 0
      let unsyncedLost = 0
      for (let round = 0; round < rounds; round++) {
        const ram = disks.tmpfs(`ram-${round}`, '300m')
        const image = join(ram, 'disk')
        disks.format(image, '96M')
        const disk = disks.mount(`disk-${round}`, '-o', 'loop', image)
        const writer = startWriter({
          database: join(disk, 'lanyard.db'),
          unsynced: join(disk, 'unsynced'),
        })
        disks.undo.push(() => void writer.kill())
        await writer.ready
        run('sync')
        await pause(300 + Math.random() * 2500)
        writer.child.kill('SIGSTOP')
        await pause(20)
        const acknowledged = [...writer.acknowledged]
        // What has reached the disk at this moment is what survives.
        const cut = join(ram, 'cut')
        copyFileSync(image, cut)
        await writer.kill()
        const after = disks.mount(`after-${round}`, '-o', 'loop', cut)
        expectKept(await check(join(after, 'lanyard.db')), acknowledged)
        const unsynced = join(after, 'unsynced')
        const kept = existsSync(unsynced)
          ? readFileSync(unsynced, 'utf8').split('\n').length - 1
          : 0
        if (kept < acknowledged.length) unsyncedLost++
        total += acknowledged.length
        for (const step of disks.undo.splice(1).toReversed()) step()
      }
      console.log(
        `power cut: ${rounds} rounds, ${total} acknowledged, 0 lost; ` +
          `the unflushed control lost rows in ${unsyncedLost} rounds`,
      )
      // Without this the cuts would prove nothing.
      expect(unsyncedLost).toBeGreaterThanOrEqual(2)
      expect(total).toBeGreaterThan(rounds * 50)
    })
  },
)

describe.skipIf(lacks)(
  `the embedded store on a full disk${lacks ? ` (lacks ${lacks})` : ''}`,
  () => {
    test('refuses, keeps what it has, frees its reserve for emergencies, and goes on', async () => {
      const disk = disks.tmpfs('small', '32m')
      const database = join(disk, 'lanyard.db')
      const writer = startWriter({ database })
      disks.undo.push(() => void writer.kill())
      await writer.ready
      await expect.poll(() => writer.refused.length, { timeout: 120_000 }).toBeGreaterThan(20)
      expect(new Set(writer.refused)).toEqual(new Set(['full']))
      const before = writer.acknowledged.length
      // The reserve is what emergency access writes into.
      rmSync(`${database}.reserve`)
      await expect
        .poll(() => writer.acknowledged.length, { timeout: 20_000 })
        .toBeGreaterThan(before)
      await writer.kill()
      run('mount', '-o', 'remount,size=96m', disk)
      expectKept(await check(database), writer.acknowledged)
    })

    test('a database on a disk that was mounted read-only is unwritable at the start', async () => {
      const disk = disks.tmpfs('frozen', '32m')
      const first = startWriter({ database: join(disk, 'lanyard.db') })
      await first.ready
      await first.kill()
      run('mount', '-o', 'remount,ro', disk)
      const second = startWriter({ database: join(disk, 'lanyard.db') })
      await expect(second.ready).rejects.toThrow(/unwritable/)
      await second.kill()
    })
  },
)

describe.skipIf(noStrace)(
  `the embedded store on a failing disk${noStrace ? ` (lacks ${noStrace})` : ''}`,
  () => {
    const inject = (what: string) =>
      `strace -f -qq --seccomp-bpf -e trace=fsync,fdatasync -e inject=fsync,fdatasync:${what} -o /dev/null`.split(
        ' ',
      )

    test('acknowledges nothing after a flush failed, until it is opened again', async () => {
      const database = join(disks.directory, 'lanyard.db')
      const writer = startWriter({ database, under: inject('error=EIO:when=200+') })
      disks.undo.push(() => void writer.kill())
      await writer.ready
      await expect.poll(() => writer.refused.length, { timeout: 60_000 }).toBeGreaterThan(50)
      expect(new Set(writer.refused)).toEqual(new Set(['io']))
      const acknowledged = writer.acknowledged.length
      await pause(500)
      expect(writer.acknowledged).toHaveLength(acknowledged)
      await writer.kill()
      expectKept(await check(database), writer.acknowledged)
      const again = startWriter({ database })
      await again.ready
      await expect.poll(() => again.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(50)
      await again.kill()
    })

    test('is slow on a slow disk, and still writes sixteen at a time', async () => {
      const database = join(disks.directory, 'lanyard.db')
      const writer = startWriter({ database, under: inject('delay_exit=20000') })
      disks.undo.push(() => void writer.kill())
      await writer.ready
      const start = performance.now()
      await expect.poll(() => writer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(300)
      const perSecond = (writer.acknowledged.length / (performance.now() - start)) * 1000
      await writer.kill()
      console.log(`fsync +20 ms: ${Math.round(perSecond)} writes/s at 16 in flight (single: 48)`)
      // One flush per write could never exceed 50 a second.
      expect(perSecond).toBeGreaterThan(100)
      expectKept(await check(database), writer.acknowledged)
    })
  },
)
