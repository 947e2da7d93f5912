import { describe, expect, test } from 'vitest'
import { defaultPolicy, effectivePolicy, type GivenPolicy } from './effective-policy.ts'
import { settings, type SettingName } from './settings.ts'

const effective = (given: GivenPolicy, trial = false) => effectivePolicy(given, { trial }).policy

test('every default is inside its own ceiling', () => {
  const policy = defaultPolicy()
  for (const name of Object.keys(settings) as SettingName[]) {
    expect(settings[name].schema.parse(policy[name])).toEqual(policy[name])
  }
})

describe('inactivity before the shield', () => {
  test.each([
    ['ward', 5],
    ['corridor', 1],
    ['resuscitation', 10],
  ] as const)('in a %s is %i minutes', (kind, minutes) => {
    expect(effective({ 'workstation.kind': kind })['shield.inactivity']).toBe(minutes * 60_000)
  })

  test('is what the site says, whatever the place', () => {
    const given = { 'workstation.kind': 'corridor', 'shield.inactivity': 120_000 } as const
    expect(effective(given)['shield.inactivity']).toBe(120_000)
  })

  test('leaves room for the countdown', () => {
    const { policy, adjusted } = effectivePolicy({
      'shield.inactivity': 10_000,
      'shield.countdown': 30_000,
    })
    expect(policy).toMatchObject({ 'shield.inactivity': 30_000, 'shield.countdown': 30_000 })
    expect(adjusted).toMatchObject([{ setting: 'shield.inactivity', got: 10_000, used: 30_000 }])
  })
})

describe('the countdown', () => {
  test.each([
    [1_000, 20_000],
    [19_999, 20_000],
    [20_000, 20_000],
    [45_000, 45_000],
  ])('of %i ms is %i ms on a real site', (given, used) => {
    expect(effective({ 'shield.countdown': given })['shield.countdown']).toBe(used)
  })

  test('may be short in a trial, and fits its inactivity', () => {
    expect(effective({ 'shield.countdown': 1_000 }, true)['shield.countdown']).toBe(1_000)
    expect(effective({ 'shield.inactivity': 3_000 }, true)).toMatchObject({
      'shield.inactivity': 3_000,
      'shield.countdown': 3_000,
    })
  })
})

test('a review does not escalate before it is due', () => {
  const hours = 3_600_000
  const given = { 'emergency.reviewDue': 24 * hours, 'emergency.reviewEscalates': 2 * hours }
  expect(effective(given)['emergency.reviewEscalates']).toBe(24 * hours)
})

test('nothing is reported as adjusted that the site did not set', () => {
  expect(effectivePolicy({ 'workstation.kind': 'corridor' }).adjusted).toEqual([])
  expect(effectivePolicy({}).adjusted).toEqual([])
})
