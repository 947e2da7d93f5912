import { expect, test } from 'vitest'
import { meansEverybody, parseRange } from './address-range.ts'

test.each([
  ['10.20.0.5', false],
  ['10.0.0.0/8', false],
  ['192.168.0.0/16', false],
  ['fc00::/7', false],
  ['2001:db8::/32', false],
  ['::1', false],
  ['::ffff:10.0.0.0/104', false],
  ['0.0.0.0/0', true],
  ['10.0.0.0/0', true],
  // Two of these are everybody.
  ['128.0.0.0/1', true],
  ['::/0', true],
  ['2000::/3', true],
  // All of IPv4, as an IPv6 range.
  ['::ffff:0:0/96', true],
  ['::ffff:0.0.0.0/95', true],
  ['::/64', true],
])('%s means everybody: %s', (text, everybody) => {
  const range = parseRange(text)
  expect(range && meansEverybody(range)).toBe(everybody)
})

test.each(['', 'proxy', '10.0.0.0/', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1'])(
  '%j is no range',
  (text) => expect(parseRange(text)).toBeNull(),
)
