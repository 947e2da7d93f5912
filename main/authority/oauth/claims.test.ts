import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LiveSession } from '../context.ts'
import { acrOf, claimsOf } from './claims.ts'

const session = {
  sessionId: 's',
  personId: 'jonas',
  displayName: 'Jonas Okafor-Lind',
  role: 'physician',
  kind: 'standard',
  scope: 'full',
  aal: 2,
  amr: ['hwk', 'user'],
  verifiedAt: 1_700_000_000_999,
  endsAt: 1_800_000_000_000,
  applications: ['ehr'],
  patient: 'p-212',
  override: null,
  workstation: 'ws-1',
} as unknown as LiveSession

test('an override counts until its last millisecond and not one longer', () => {
  fc.assert(
    fc.property(fc.integer({ min: -5_000, max: 5_000 }), (left) => {
      const endsAt = 1_700_000_100_000
      const override = { patient: 'p-231', endsAt, reason: 'transfer' }
      const claims = claimsOf({ ...session, override }, endsAt - left)
      expect(claims.purpose_of_use).toBe(left > 0 ? 'BTG' : 'TREAT')
      expect(claims.patient).toBe(left > 0 ? 'p-231' : 'p-212')
      expect(claims.override_until).toBe(left > 0 ? 1_700_000_100 : undefined)
    }),
  )
})

test('times are whole seconds and never later than what they say', () => {
  expect(claimsOf(session, 0).auth_time).toBe(1_700_000_000)
})

test.each([
  [0, '0'],
  [1, 'http://idmanagement.gov/ns/assurance/aal/1'],
  [2, 'http://idmanagement.gov/ns/assurance/aal/2'],
])('AAL %i is the acr %s', (aal, acr) => {
  expect(acrOf({ aal })).toBe(acr)
})
