import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'

let f: AuthorityFixture
let key: SoftwarePasskey
beforeEach(async () => {
  f = await authorityFixture()
  key = await f.enrol('maria')
})
afterEach(() => f.dispose())

test('a badge and a passkey with user verification make a session at AAL2', async () => {
  const session = await f.signIn('maria', key)
  expect(session).toMatchObject({
    kind: 'standard',
    scope: 'full',
    assurance: { aal: 2, verifiedAt: f.now() },
    person: { displayName: 'Maria Example', label: 'Maria E.', initials: 'ME' },
    endsAt: f.now() + f.policy['session.overall'],
    inactiveAt: f.now() + f.policy['session.inactivity'],
    tapGraceUntil: f.now() + f.policy['session.tapGrace'],
    applications: ['ehr'],
    patient: 'P-1',
  })
  expect(f.records.at(-1)).toMatchObject({
    event: 'session.started',
    session: session.sessionId,
    assurance: { aal: 2 },
  })
})
