import { afterEach, expect, test } from 'vitest'
import { open } from 'node:fs/promises'
import { type House, houseFixture } from '../../test/support/offline.ts'
import type { DurableFile } from './write-all.ts'

let house: House | null = null
afterEach(async () => {
  await house?.dispose()
  house = null
})

/** A disk on which nothing fits any more as long as the reserve is held. */
function smallDisk(isHeld: () => Promise<boolean>) {
  const disk = { full: false, dead: false }
  const openFile = async (path: string, flags: string): Promise<DurableFile> => {
    const file = await open(path, flags, 0o600)
    return {
      async write(bytes, offset, length, position) {
        if (disk.dead) throw Object.assign(new Error('EIO'), { code: 'EIO' })
        if (disk.full && !path.endsWith('head') && (await isHeld()))
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        return file.write(bytes, offset, length, position)
      },
      datasync: () => file.datasync(),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    }
  }
  return { disk, openFile }
}

async function wardAlone() {
  const opened = await houseFixture()
  house = opened
  const { fixture, line, directory } = opened
  const maria = await fixture.enrol('maria')
  const tom = await fixture.enrol('tom')
  await fixture.tap('maria')
  await fixture.tap('tom')
  const reserve = `${directory}/journal.reserve`
  const isHeld = () =>
    open(reserve, 'r').then(
      async (file) => {
        await file.close()
        return true
      },
      () => false,
    )
  const { disk, openFile } = smallDisk(isHeld)
  const seat = await opened.openSeat({ openFile })
  await line.mend()
  await seat.online()
  await seat.station.refresh((call, params) => line.call(call, params), fixture.now())
  return { house: opened, fixture, line, seat, disk, maria, tom, isHeld }
}

test('on a full disk nobody signs in, a witness still vouches, and all of it comes back', async () => {
  const { house, line, seat, disk, maria, tom, isHeld } = await wardAlone()
  line.cut()
  await seat.offline()
  await expect(isHeld()).resolves.toBe(true)
  const identified = await seat.tap('maria')
  disk.full = true
  const start = {
    ceremonyId: identified.ceremony.ceremonyId,
    response: maria.assert(identified.ceremony.options),
  }
  await expect(seat.client.call('session.start', start)).rejects.toMatchObject({
    code: 'store-full',
  })
  const asked = await seat.client.call('fallback.request', {
    tapId: identified.tapId,
    reason: 'key-lost',
    note: 'The disk of this machine is full.',
  })
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const witness = await seat.tap('tom', 'witness')
  const approved = await seat.client.call('fallback.approve', {
    requestId: asked.requestId,
    ceremonyId: witness.ceremony.ceremonyId,
    response: tom.assert(witness.ceremony.options),
  })
  expect(approved.outcome).toBe('signed-in')
  await line.mend()
  const hello = await seat.online()
  expect(hello.sessions).toMatchObject([{ kind: 'fallback' }])
  const events = house.recordsOffline().map(({ event }) => event)
  expect(events).toContain('fallback.approved')
  expect(events).toContain('store.reserve-opened')
  expect(events).not.toContain('session.refused')
})

test('where the journal cannot be written at all, nobody signs in, and what it holds still comes back', async () => {
  const { house, line, seat, disk, maria } = await wardAlone()
  line.cut()
  await seat.offline()
  const { ceremony } = await seat.tap('maria')
  disk.dead = true
  const start = { ceremonyId: ceremony.ceremonyId, response: maria.assert(ceremony.options) }
  await expect(seat.client.call('session.start', start)).rejects.toMatchObject({
    code: 'log-unavailable',
  })
  await line.mend()
  await seat.online()
  const events = house.recordsOffline().map(({ event }) => event)
  expect(events).toContain('badge.identified')
  expect(events).not.toContain('session.started')
})

test('a clock that is set back across a restart gives an expired bundle no more time', async () => {
  const { house, fixture, line, seat } = await wardAlone()
  line.cut()
  const { offline } = await seat.offline()
  fixture.advance(11 * 3_600_000)
  await seat.tap('maria')
  await seat.dispose()
  // Ten hours back: without what the journal knows there would be eleven hours left instead of one.
  const back = 10 * 3_600_000
  const monotonic = fixture.now()
  const time = {
    wall: () => fixture.now() - back,
    monotonic: () => fixture.now() - monotonic,
  }
  const after = await house.openSeat({ time }, { time })
  const hello = await after.offline()
  expect(hello.now).toBeGreaterThanOrEqual((offline?.until ?? 0) - 3_600_000)
  fixture.advance(3_600_000)
  await expect(after.tap('maria')).resolves.toMatchObject({ passkey: false })
})
