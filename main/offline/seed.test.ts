import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryDatabase } from '../../test/support/memory-database.ts'
import type { Bundle, SessionView } from '../authority/protocol/index.ts'
import type { Policy } from '../policy/settings.ts'
import type { Database } from '../store/port.ts'
import { seedPeople, seedSessions } from './seed.ts'

const person = (personId: string, ...passkeys: readonly string[]) => ({
  personId,
  given: 'Sample',
  family: personId,
  role: 'nurse',
  userHandle: `handle-${personId}`,
  applications: [],
  roster: null,
  badges: [{ tag: `tag-${personId}`, kind: 'permanent', endsAt: null }],
  passkeys: passkeys.map((passkeyId) => ({
    passkeyId,
    publicKey: 'AA',
    counter: 0,
    transports: [],
    backupEligible: false,
    backedUp: false,
    failedAttempts: 0,
  })),
})
const bundle = {
  issuedAt: 1_000,
  people: [person('maria', 'key-1', 'key-2'), person('tom', 'key-3')],
  revoked: { people: ['tom'], passkeys: ['key-2'] },
} as unknown as Bundle

const session = (personId: string) =>
  ({
    view: {
      sessionId: `s-${personId}`,
      person: { personId, displayName: `Sample ${personId}`, label: 'Sample', role: 'nurse' },
      kind: 'standard',
      assurance: { aal: 2, amr: ['hwk'], verifiedAt: 900 },
      startedAt: 900,
      endsAt: 90_000,
      inactiveAt: 60_000,
      applications: [],
      scope: 'full',
      patient: null,
      witness: null,
      override: null,
      notices: [],
    } as unknown as SessionView,
    shieldedAt: null,
  }) as const

let db: Database
beforeEach(async () => {
  db = await memoryDatabase()
})
afterEach(() => db.close())

test('who and what was revoked wins over all that the workstation remembers', async () => {
  await db.write(async (tx) => {
    await seedPeople(tx, bundle)
    await seedSessions(tx, [session('maria'), session('tom')], {
      bundle,
      workstation: { id: 'ws-1', name: 'Ward 3' },
      policy: { 'session.inactivity': 10_000 } as unknown as Policy,
    })
  })
  const [badges, passkeys, sessions] = await Promise.all([
    db.read.selectFrom('badges').select('person_id').execute(),
    db.read.selectFrom('passkeys').select('passkey_id').execute(),
    db.read.selectFrom('sessions').select('person_id').execute(),
  ])
  expect(badges).toEqual([{ person_id: 'maria' }])
  expect(passkeys).toEqual([{ passkey_id: 'key-1' }])
  expect(sessions).toEqual([{ person_id: 'maria' }])
})
