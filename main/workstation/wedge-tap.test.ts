import { expect, test } from 'vitest'
import { siteProfileSchema } from '../badge/site-profile.ts'
import { wedgeTap } from './wedge-tap.ts'

const profile = siteProfileSchema.parse({
  reader: 'wedge',
  cards: 'wiegand',
  format: 'H10301',
  written: 'facility-number',
})
const site = { format: 'H10301', profiles: [profile] } as const

test.each([
  ['11801603', 'WIEGAND|H10301|26|118|1603'],
  // A facility beyond 255: nobody's badge, by its characters.
  ['99901603', 'UNREAD|RAW|64|3939393031363033'],
  ['00000000', 'UNREAD|RAW|64|3030303030303030'],
])('%s typed is the badge %s', (text, badge) => {
  expect(wedgeTap({ text, at: 5 }, site)).toEqual({
    type: 'tap',
    reader: 'wedge',
    badge,
    refusedAtEnrolment: null,
    at: 5,
  })
})
