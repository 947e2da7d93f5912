import * as client from 'openid-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTestClient } from './fixture-client.ts'
import { startAuthority } from './fixture.ts'

test('a failure behind an answer is reported to the authority, and never printed as it is', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => printed.mockRestore())
  const ehr = await createTestClient('ehr')
  const authority = await startAuthority([ehr.application])
  onTestFinished(() => authority.stop())
  const configuration = await ehr.discover(authority.issuer)
  const failure = new Error('Mary Underwood is in no log')
  authority.events.push = () => {
    throw failure
  }
  await expect(client.refreshTokenGrant(configuration, 'no-such-token')).rejects.toBeInstanceOf(
    Error,
  )
  expect(authority.failures).toEqual([failure])
  expect(printed).not.toHaveBeenCalled()
})
