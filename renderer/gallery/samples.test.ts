import { expect, test } from 'vitest'
import { ceremonyFailureSchema, enrolmentFailureSchema } from '../../preload/choices.ts'
import { parseRequest, requestHash } from './request.ts'
import { sampleIds, samples } from './samples.ts'

test('ids are unique and fit into an address', () => {
  expect(new Set(sampleIds).size).toBe(sampleIds.length)
  for (const id of sampleIds) expect(id).toMatch(/^[a-z][a-z.-]*$/)
})

test('every screen has a sample', () => {
  // A new screen fails to compile here until it is named, and fails to pass until it has a sample.
  const screens: Readonly<Record<(typeof samples)[number]['screen']['name'], true>> = {
    starting: true,
    locked: true,
    identifying: true,
    verifying: true,
    opening: true,
    active: true,
    warning: true,
    shielded: true,
    'signing-out': true,
    fallback: true,
    enrolling: true,
    fault: true,
  }
  expect(new Set(samples.map(({ screen }) => screen.name))).toEqual(new Set(Object.keys(screens)))
})

test.each(ceremonyFailureSchema.options)('a sign-in that ends with %s has a sample', (reason) => {
  expect(sampleIds).toContain(`verifying.failed.${reason}`)
})

test.each(enrolmentFailureSchema.options)('an enrolment ending with %s has a sample', (reason) => {
  expect(sampleIds).toContain(`enrolling.failed.${reason}`)
})

test('an address leads to the sample, theme and language that it was made of', () => {
  const request = { id: 'locked', theme: 'night', locale: 'de' } as const
  expect(parseRequest(requestHash(request))).toEqual(request)
  expect(parseRequest('')).toEqual({ id: null, theme: 'light', locale: 'en' })
  expect(parseRequest('#locked?theme=pink&locale=xx')).toEqual({
    id: 'locked',
    theme: 'light',
    locale: 'en',
  })
})
