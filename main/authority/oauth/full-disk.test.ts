import { expect, onTestFinished, test } from 'vitest'
import { smallDisk } from '../../../test/support/small-disk.ts'
import { createBrowser, createTestClient } from './fixture-client.ts'
import { startAuthority } from './fixture.ts'

test('on a full disk the applications of an emergency open, and no others', async () => {
  const disk = smallDisk(100)
  const ehr = await createTestClient('ehr')
  const authority = await startAuthority([ehr.application], (db) => disk.guard(db))
  onTestFinished(() => authority.stop())
  const configuration = await ehr.discover(authority.issuer)
  const tokensOf = async (session: ReturnType<typeof authority.addSession>) => {
    const handle = await authority.launch(session, 'ehr')
    const { redeem } = await ehr.signIn(configuration, createBrowser(), handle)
    return redeem()
  }
  disk.room = 0
  const ordinary = authority.addSession()
  await expect(authority.launch(ordinary, 'ehr')).rejects.toMatchObject({ code: 'full' })
  expect(disk.changes).toEqual([])

  const witnessed = authority.addSession({ kind: 'fallback', scope: 'reduced', aal: 0 })
  expect((await tokensOf(witnessed)).access_token).toEqual(expect.any(String))
  expect(disk.changes).toEqual(['open'])
  await expect(authority.launch(ordinary, 'ehr')).rejects.toMatchObject({ code: 'full' })
})
