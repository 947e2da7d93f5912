import { createHash, randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import { bundleSeed } from '../../../test/support/offline.ts'
import {
  type Bundle,
  entryHash,
  firstHash,
  type JournalEntry,
  offlineChallenge,
  type Request,
} from '../protocol/index.ts'
import { readBundle } from '../../offline/read-bundle.ts'
import { bundleSigner } from './bundle-key.ts'

let fixture: AuthorityFixture | null = null
afterEach(async () => {
  await fixture?.dispose()
  fixture = null
})

type Change = Partial<Omit<JournalEntry, 'journal' | 'index' | 'previous'>>

/** A workstation that writes its journal by hand, and may lie in it. */
async function workstation() {
  const made = await authorityFixture({ bundleKey: bundleSeed })
  fixture = made
  const maria = await made.enrol('maria')
  await made.tap('maria')
  const answer = await made.call('offline.bundle', { have: null })
  if (answer.outcome !== 'bundle') throw new Error(answer.outcome)
  const read = await readBundle(answer.bundle, {
    bundleKeys: [bundleSigner(bundleSeed).publicKey],
    workstationId: 'ws-1',
    rpId: 'lanyard.example',
    origin: 'https://agent.lanyard.example',
  })
  if (!read.ok) throw new Error(read.reason)
  const { bundle } = read
  const journalId = randomBytes(16).toString('base64url')
  const texts: string[] = []
  const write = (change: Change) => {
    const last = texts.at(-1)
    const entry: JournalEntry = {
      journal: journalId,
      index: texts.length,
      previous: last === undefined ? firstHash(journalId) : entryHash(last),
      bundle: bundle.bundleId,
      at: made.now(),
      more: false,
      records: [],
      proofs: [],
      sessions: [],
      passkeys: [],
      review_cases: [],
      overrides: [],
      ...change,
    }
    texts.push(JSON.stringify(entry))
  }
  const proof = (key: SoftwarePasskey, challenge = offlineChallenge(bundle.bundleId), lie = {}) => {
    const text = Buffer.from(challenge).toString('base64url')
    return { challenge: text, response: key.assert({ challenge: text }, lie) }
  }
  const session = (change: Partial<JournalEntry['sessions'][number]> = {}) => ({
    session_id: 's-1',
    person_id: 'maria',
    workstation_id: 'ws-1',
    kind: 'standard' as const,
    aal: 2 as const,
    amr: '["hwk"]',
    verified_at: made.now(),
    started_at: made.now(),
    ends_at: made.now() + 3_600_000,
    last_activity_at: made.now(),
    shielded_at: null,
    witness_id: null,
    ended_at: null,
    end_reason: null,
    cleared_at: null,
    ...change,
  })
  const bring = (change: Partial<Request<'offline.reconcile'>> = {}, caller = made.here) =>
    made.call('offline.reconcile', { journalId, entries: texts, last: true, ...change }, caller)
  return { fixture: made, maria, bundle, texts, journalId, write, proof, session, bring }
}

const live = (made: AuthorityFixture) =>
  made.db.read.selectFrom('sessions').selectAll().where('ended_at', 'is', null).execute()
const record = {
  event: 'workstation.reported',
  outcome: 0,
  actor: null,
  workstation: 'ws-1',
  session: null,
  patient: null,
  assurance: null,
  purposeOfUse: null,
  detail: {},
} as const

test('a session stands on an assertion that the authority verified itself', async () => {
  const { fixture, maria, write, proof, session, bring } = await workstation()
  write({ proofs: [proof(maria)], sessions: [session()] })
  await expect(bring()).resolves.toMatchObject({
    accepted: 1,
    refused: null,
    sessions: [{ sessionId: 's-1', outcome: 'adopted', reason: null }],
  })
  await expect(live(fixture)).resolves.toMatchObject([
    { session_id: 's-1', person_id: 'maria', aal: 2, patient: null },
  ])
})

test('brought again, and again in parts, everything is there once', async () => {
  const { fixture, maria, texts, write, proof, session, bring } = await workstation()
  write({ proofs: [proof(maria)], sessions: [session()], records: [record] })
  write({ records: [record], sessions: [session({ shielded_at: fixture.now() })] })
  const [first = ''] = texts
  await bring({ entries: [first], last: false })
  await Promise.all([bring({ last: false }), bring({ last: false })])
  const once = await bring()
  await expect(bring()).resolves.toEqual(once)
  expect(once).toMatchObject({ accepted: 2, sessions: [{ outcome: 'adopted' }] })
  expect(fixture.eventsOf('workstation.reported')).toHaveLength(2)
  expect(fixture.eventsOf('offline.reconciled')).toHaveLength(1)
})

type Workstation = Awaited<ReturnType<typeof workstation>>
const lies: [string, string, (from: Workstation) => Change][] = [
  ['without an assertion', 'not-proven', ({ session }) => ({ sessions: [session()] })],
  [
    'with an assertion over a challenge of an ordinary sign-in',
    'challenge',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria, new Uint8Array(randomBytes(32)))],
      sessions: [session()],
    }),
  ],
  [
    'with an assertion for another bundle',
    'challenge',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria, offlineChallenge('other'))],
      sessions: [session()],
    }),
  ],
  [
    'with a forged signature',
    'signature',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria, undefined, { forged: true })],
      sessions: [session()],
    }),
  ],
  [
    'with an assertion without user verification',
    'not-verified',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria, undefined, { userVerified: false })],
      sessions: [session()],
    }),
  ],
  [
    'with a counter that does not move forward',
    'counter-back',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria, undefined, { counter: 1 })],
      sessions: [session()],
    }),
  ],
  [
    'with somebody else’s assertion',
    'not-proven',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria)],
      sessions: [session({ person_id: 'tom' })],
    }),
  ],
  [
    'as a witness for oneself',
    'same-person',
    ({ proof, maria, session }) => ({
      proofs: [proof(maria)],
      sessions: [session({ kind: 'fallback', aal: 0, witness_id: 'maria' })],
    }),
  ],
]
test.each(lies)('a session %s is not adopted: %s', async (what, cause, lie) => {
  const from = await workstation()
  // The counter of a key that was used once more than the authority knows.
  if (what.includes('counter'))
    await from.fixture.db.write((tx) => tx.updateTable('passkeys').set({ counter: 7 }).execute())
  from.write(lie(from))
  await expect(from.bring()).resolves.toMatchObject({
    sessions: [{ outcome: 'ended', reason: 'offline-conflict' }],
  })
  await expect(live(from.fixture)).resolves.toEqual([])
  expect(from.fixture.eventsOf('offline.conflict')).toMatchObject([{ detail: { cause } }])
})

test('an assertion counts once, also with a key that has no counter', async () => {
  const { fixture, write, proof, session, bring } = await workstation()
  const tom = await fixture.enrol('tom', { synced: true })
  const shown = proof(tom)
  const at = fixture.now()
  write({ proofs: [shown], sessions: [session({ person_id: 'tom' })] })
  fixture.advance(60_000)
  write({
    proofs: [shown],
    sessions: [session({ person_id: 'tom', started_at: at, verified_at: fixture.now() })],
  })
  await expect(bring()).resolves.toMatchObject({ sessions: [{ reason: 'offline-conflict' }] })
  expect(fixture.eventsOf('offline.conflict')).toMatchObject([{ detail: { cause: 'replayed' } }])
})

test.each([
  ['a hole', 'broken-chain', (texts: string[]) => [texts[0] ?? '', texts[2] ?? '']],
  ['another order', 'broken-chain', (texts: string[]) => texts.toReversed()],
  [
    'a changed entry',
    'broken-chain',
    ([one = '', two = '', three = '']: string[]) => [
      one,
      two.replace('"more":false', '"more":true'),
      three,
    ],
  ],
  ['nonsense', 'malformed', ([one = '']: string[]) => [one, '{}']],
])('a journal with %s is taken no further, and that is on record', async (_, fault, change) => {
  const { fixture, texts, write, bring } = await workstation()
  for (let n = 0; n < 3; n++) write({ records: [{ ...record, detail: { n } }] })
  const changed = change(texts)
  const first = changed[0] === texts[0] ? 1 : 0
  const answer = await bring({ entries: changed })
  expect(answer.refused).toBe(fault)
  expect(answer.accepted).toBeGreaterThanOrEqual(first)
  expect(fixture.eventsOf('offline.refused')).toMatchObject([{ outcome: 12, detail: { fault } }])
  await bring()
  expect(fixture.eventsOf('offline.refused')).toHaveLength(1)
})

test('another entry at a place that is taken is a fork', async () => {
  const { texts, write, bring } = await workstation()
  write({ records: [record] })
  await bring({ last: false })
  texts.length = 0
  write({ records: [{ ...record, outcome: 4 }] })
  await expect(bring()).resolves.toMatchObject({ refused: 'forked' })
})

test('a workstation speaks for itself only', async () => {
  const { fixture, texts, write, bring } = await workstation()
  write({ records: [record] })
  await bring({ last: false })
  await expect(bring({}, otherWorkstation)).rejects.toThrow('conflict')
  write({ records: [{ ...record, workstation: 'ws-2' }] })
  await expect(bring({ entries: texts.slice(1) })).resolves.toMatchObject({ refused: 'foreign' })
  expect(fixture.eventsOf('workstation.reported')).toHaveLength(1)
})

test('it records nothing that does not happen at a workstation', async () => {
  const { fixture, write, bring } = await workstation()
  write({ records: [{ ...record, event: 'policy.changed' }] })
  await expect(bring()).resolves.toMatchObject({ accepted: 0, refused: 'malformed' })
  expect(fixture.eventsOf('policy.changed')).toEqual([])
})

test('what a workstation says of its damaged journal is on record, and its sessions end', async () => {
  const { fixture, maria, write, proof, session, bring } = await workstation()
  write({ proofs: [proof(maria)], sessions: [session()] })
  await expect(bring({ damage: { fault: 'truncated', index: 1 } })).resolves.toMatchObject({
    refused: 'truncated',
    sessions: [{ outcome: 'ended', reason: 'offline-conflict' }],
  })
  expect(fixture.eventsOf('offline.refused')).toMatchObject([
    { outcome: 12, detail: { fault: 'truncated', index: 1 } },
  ])
})

test('a session that began after its bundle had expired is not adopted', async () => {
  const { fixture, maria, bundle, write, proof, session, bring } = await workstation()
  fixture.advance(bundle.expiresAt - fixture.now())
  write({ proofs: [proof(maria)], sessions: [session()] })
  await expect(bring()).resolves.toMatchObject({ sessions: [{ reason: 'offline-conflict' }] })
  expect(fixture.eventsOf('offline.conflict')).toMatchObject([
    { detail: { cause: 'bundle-expired' } },
  ])
})

test('a bundle says who was here, with tags of this workstation alone, and nothing else of them', async () => {
  const { fixture, bundle } = await workstation()
  expect(bundle.people).toHaveLength(1)
  const [maria] = bundle.people
  const stored = await fixture.db.read.selectFrom('badges').select('tag').execute()
  expect(stored.map(({ tag }) => tag)).not.toContain(maria?.badges[0]?.tag)
  expect(maria?.badges).toHaveLength(1)
  expect(JSON.stringify(bundle)).not.toContain('P-1')
  expect(JSON.stringify(bundle)).not.toContain('badge-maria')
  const theirs = await fixture.call('offline.bundle', { have: null }, otherWorkstation)
  expect(theirs.outcome).toBe('bundle')
})

test('a bundle that says the same is not issued again so soon', async () => {
  const { fixture, bundle } = await workstation()
  const have = bundle.bundleId
  await expect(fixture.call('offline.bundle', { have })).resolves.toEqual({
    outcome: 'unchanged',
    expiresAt: bundle.expiresAt,
  })
  await expect(fixture.call('offline.bundle', { have: 'other' })).resolves.toMatchObject({
    outcome: 'bundle',
  })
  fixture.advance(2 * 3_600_000)
  await expect(fixture.call('offline.bundle', { have })).resolves.toMatchObject({
    outcome: 'bundle',
  })
})

test('a bundle leaves out who was disabled, what was revoked, and badges that are nobody’s any more', async () => {
  const { fixture, maria } = await workstation()
  const contentOf = async () => {
    const answer = await fixture.call('offline.bundle', { have: null })
    if (answer.outcome !== 'bundle') throw new Error(answer.outcome)
    const [, payload = ''] = answer.bundle.split('.')
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      people: { badges: unknown[]; passkeys: unknown[] }[]
      revoked: { people: string[]; passkeys: string[] }
    }
  }
  const change = (table: 'badges' | 'passkeys' | 'people', values: object) =>
    fixture.db.write((tx) =>
      tx.updateTable(table).set(values).where('person_id', '=', 'maria').execute(),
    )
  await change('badges', { status: 'lost' })
  await change('passkeys', { revoked_at: fixture.now() })
  const without = await contentOf()
  expect(without.people).toMatchObject([{ badges: [], passkeys: [] }])
  expect(without.revoked).toEqual({ people: [], passkeys: [maria.id] })
  await change('people', { disabled_at: fixture.now() })
  const gone = await contentOf()
  expect(gone).toMatchObject({ people: [], revoked: { people: ['maria'] } })
})

const failed = (key: SoftwarePasskey, failed_attempts: number): Change => ({
  passkeys: [{ passkey_id: key.id, counter: 0, backed_up: 0, failed_attempts, last_used_at: null }],
})

/** Failed attempts with which a workstation goes on alone, by passkey. */
async function bundledAttempts(made: AuthorityFixture, caller = made.here) {
  const answer = await made.call('offline.bundle', { have: null }, caller)
  if (answer.outcome !== 'bundle') throw new Error(answer.outcome)
  const [, payload = ''] = answer.bundle.split('.')
  const { people } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Bundle
  return Object.fromEntries(
    people.flatMap(({ passkeys }) =>
      passkeys.map(({ passkeyId, failedAttempts }) => [passkeyId, failedAttempts]),
    ),
  )
}

test('a workstation that lies about failed attempts locks a passkey nowhere but at itself', async () => {
  const { fixture, maria, write, bring } = await workstation()
  await fixture.tap('maria', { caller: otherWorkstation })
  const tom = await fixture.enrol('tom')
  write(failed(maria, 1_000_000))
  write(failed(tom, 1_000_000))
  write(failed(maria, 1_000_000))
  write(failed({ ...maria, id: 'unknown' }, 1_000_000))
  await expect(bring()).resolves.toMatchObject({ accepted: 4, refused: null })

  const { 'passkey.attempts': limit } = fixture.policy
  expect(await bundledAttempts(fixture)).toEqual({ [maria.id]: limit })
  expect(await bundledAttempts(fixture, otherWorkstation)).toEqual({ [maria.id]: 0 })
  // Once for each passkey, for whoever reads the log.
  expect(fixture.eventsOf('offline.locked-out')).toMatchObject([
    { actor: 'maria', workstation: 'ws-1', outcome: 8, detail: { attempts: limit } },
    { actor: 'tom', workstation: 'ws-1' },
  ])
  await fixture.signIn('maria', maria, otherWorkstation)
  await fixture.signIn('tom', tom, otherWorkstation)
})

test('whoever tries without the authority has no more attempts for having been connected meanwhile', async () => {
  const { fixture, maria, write, bring } = await workstation()
  write(failed(maria, 3))
  await bring({ last: false })
  expect(await bundledAttempts(fixture)).toEqual({ [maria.id]: 3 })
  // A workstation cannot take them back by saying so.
  write(failed(maria, 0))
  write(failed(maria, 1))
  await bring({ last: false })
  expect(await bundledAttempts(fixture)).toEqual({ [maria.id]: 3 })
  write(failed(maria, 4))
  await bring({ last: false })
  expect(await bundledAttempts(fixture)).toEqual({ [maria.id]: 4 })
})

test.each(['here, alone', 'elsewhere, at the house'])(
  'a proof takes failed attempts back that were made before it: %s',
  async (where) => {
    const { fixture, maria, write, proof, bring } = await workstation()
    write(failed(maria, 3))
    await bring({ last: false })
    fixture.advance(1_000)
    if (where === 'here, alone') write({ proofs: [proof(maria)] })
    else await fixture.signIn('maria', maria, otherWorkstation)
    await bring({ last: false })
    expect(await bundledAttempts(fixture)).toEqual({ [maria.id]: 0 })
    fixture.advance(1_000)
    write(failed(maria, 1))
    await bring({ last: false })
    expect(await bundledAttempts(fixture)).toEqual({ [maria.id]: 1 })
  },
)

test('what a journal tells of earlier does not bring back attempts that a later proof took back', async () => {
  const { fixture, maria, write, proof, bring } = await workstation()
  write({ proofs: [proof(maria)] })
  fixture.advance(1_000)
  const at = fixture.now()
  await fixture.db.write((tx) =>
    tx
      .insertInto('offline_attempts')
      .values({ workstation_id: 'ws-2', passkey_id: maria.id, failed_attempts: 3, at })
      .execute(),
  )
  fixture.advance(1_000)
  await fixture.db.write((tx) =>
    tx.updateTable('passkeys').set({ last_used_at: fixture.now() }).execute(),
  )
  await fixture.tap('maria', { caller: otherWorkstation })
  expect(await bundledAttempts(fixture, otherWorkstation)).toEqual({ [maria.id]: 0 })
  await expect(bring({ last: false })).resolves.toMatchObject({ accepted: 1, refused: null })
  expect(await bundledAttempts(fixture, otherWorkstation)).toEqual({ [maria.id]: 0 })
})

test('a workstation that knows the id of somebody else’s case or override ends neither', async () => {
  const { fixture, maria, texts, write, proof, session, bring } = await workstation()
  const started_at = fixture.now()
  const reviewed = {
    case_id: 'c-1',
    kind: 'override' as const,
    person_id: 'maria',
    witness_id: null,
    session_id: 's-1',
    patient: 'P-1',
    reason: 'emergency',
    note: '',
    started_at,
    ended_at: null,
  }
  const override = {
    override_id: 'o-1',
    session_id: 's-1',
    person_id: 'maria',
    patient: 'P-1',
    reason: 'emergency',
    started_at,
    ends_at: started_at + 60_000,
    ended_at: null,
  }
  write({
    proofs: [proof(maria)],
    sessions: [session()],
    review_cases: [reviewed],
    overrides: [override],
  })
  await expect(bring({ last: false })).resolves.toMatchObject({ accepted: 1, refused: null })
  const theirs = { session_id: 's-2', person_id: 'tom' }
  const ended = { ended_at: started_at }
  const own = texts.slice()
  for (const lie of [
    { review_cases: [{ ...reviewed, ...theirs, ...ended }] },
    { overrides: [{ ...override, ...theirs, ...ended }] },
  ]) {
    await fixture.db.write((tx) =>
      tx.updateTable('offline_journals').set({ fault: null }).execute(),
    )
    texts.splice(0, texts.length, ...own)
    write({ sessions: [session(theirs)], ...lie })
    await expect(bring({ last: false })).resolves.toMatchObject({ accepted: 1, refused: 'foreign' })
  }
  for (const table of ['review_cases', 'overrides'] as const) {
    const rows = await fixture.db.read.selectFrom(table).select('ended_at').execute()
    expect(rows).toEqual([{ ended_at: null }])
  }
  // Its own it may end.
  await fixture.db.write((tx) => tx.updateTable('offline_journals').set({ fault: null }).execute())
  texts.splice(0, texts.length, ...own)
  write({ review_cases: [{ ...reviewed, ...ended }], overrides: [{ ...override, ...ended }] })
  await expect(bring({ last: false })).resolves.toMatchObject({ accepted: 2, refused: null })
})

test('whoever was vouched for offline is told once when it is taken over', async () => {
  const { fixture, write, session, bring } = await workstation()
  const started_at = fixture.now()
  const fallback = { kind: 'fallback', aal: 0, witness_id: 'tom' } as const
  const reviewed = {
    case_id: 's-1',
    kind: 'fallback' as const,
    person_id: 'maria',
    witness_id: 'tom',
    session_id: 's-1',
    patient: null,
    reason: 'key-lost',
    note: '',
    started_at,
    ended_at: null,
  }
  write({ sessions: [session(fallback)], review_cases: [reviewed] })
  fixture.advance(60_000)
  write({ review_cases: [{ ...reviewed, ended_at: fixture.now() }] })
  await bring()
  const told = await fixture.db.read
    .selectFrom('notices')
    .selectAll()
    .where('kind', '=', 'vouched-for')
    .execute()
  expect(told).toMatchObject([
    { person_id: 'maria', about: 's-1', at: started_at, session_id: null },
  ])
})

test('a challenge of a workstation is half random, half bound', () => {
  const challenge = Buffer.from(offlineChallenge('b'))
  const expected = createHash('sha256')
    .update('lanyard-offline-1|b|')
    .update(challenge.subarray(0, 16))
    .digest()
  expect(challenge.subarray(16)).toEqual(expected.subarray(0, 16))
})
