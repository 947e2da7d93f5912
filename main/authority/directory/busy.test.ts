import { expect, onTestFinished, test } from 'vitest'
import { authorityFixture } from '../../../test/support/authority.ts'
import { scimFixture } from '../../../test/support/directory.ts'
import { createBound } from '../server/bound.ts'
import { Overload } from '../server/overload.ts'
import { createScim } from './scim.ts'

const errorBody = (detail: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: '503',
  detail: expect.stringContaining(detail),
})

async function options() {
  const f = await authorityFixture()
  onTestFinished(() => f.dispose())
  return (await scimFixture(f)).options
}

test('one request too many is told as SCIM tells errors, and when to come again', async () => {
  const bound = { run: () => Promise.reject(new Overload('full')) }
  const answer = await createScim({ ...(await options()), bound }).request('/Users')
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
  expect(answer.headers.get('content-type')).toBe('application/scim+json; charset=utf-8')
  expect(await answer.json()).toEqual(errorBody('as much to do as it takes'))
})

test('a request that takes too long is answered all the same', async () => {
  const slow = await options()
  const unit = () => new Promise<never>(() => {})
  const bound = createBound({ limit: 1, answerWithin: 50 })
  // A token that is not known is recorded before it is refused, and that hangs.
  const answer = await createScim({ ...slow, unit, bound }).request('/Users')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual(errorBody('nothing of it took place'))
  expect(bound.underWay).toBe(1)
})
