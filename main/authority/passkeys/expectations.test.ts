import { expect, test } from 'vitest'
import { openMemoryDatabase } from '../../store/memory-database.ts'
import { createExpectations } from './expectations.ts'

const publicKey = Uint8Array.of(1, 2, 3)
const asked = (ceremonyId: string) => ({
  ceremonyId,
  challenge: `challenge of ${ceremonyId}`,
  personId: 'maria',
  passkeys: [{ id: 'key-1', publicKey }],
})

test('what was asked here needs no question to the database, once', async () => {
  const db = await openMemoryDatabase()
  const expectations = createExpectations(db)
  expectations.keep(asked('c-1'))
  await db.close()
  expect(await expectations.of('c-1', 'key-1')).toEqual({
    challenge: 'challenge of c-1',
    personId: 'maria',
    publicKey,
  })
  await expect(expectations.of('c-1', 'key-1')).rejects.toThrow(/destroyed|closed/)
})

test('what was asked elsewhere, or is answered with another key, is looked up', async () => {
  const db = await openMemoryDatabase()
  db.execute(
    `insert into people (person_id, given, family, role, user_handle, applications)
     values ('tom', 'Tom', 'Example', 'physician', 'handle', '[]')`,
  )
  db.execute(
    `insert into passkeys (passkey_id, person_id, name, public_key, counter, transports, aaguid,
       backup_eligible, backed_up, failed_attempts, created_at)
     values ('key-2', 'tom', 'Key', x'0909', 0, '[]', '', 0, 0, 0, 1)`,
  )
  const expectations = createExpectations(db)
  expectations.keep(asked('c-1'))
  const found = await expectations.of('c-1', 'key-2')
  expect(found).toMatchObject({ challenge: null, personId: 'tom' })
  expect([...(found?.publicKey ?? [])]).toEqual([9, 9])
  expect(await expectations.of('c-1', 'key-3')).toBeNull()
  await db.close()
})

test('ceremonies that nobody answers do not pile up', async () => {
  const db = await openMemoryDatabase()
  const expectations = createExpectations(db)
  for (let at = 0; at <= 4096; at += 1) expectations.keep(asked(`c-${at}`))
  expect(await expectations.of('c-0', 'key-1')).toBeNull()
  expect(await expectations.of('c-4096', 'key-1')).not.toBeNull()
  await db.close()
})
