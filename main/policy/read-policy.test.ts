import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultPolicy } from './effective-policy.ts'
import { fixedPolicySource, type PolicySource } from './policy-source.ts'
import { describeReport, readPolicy } from './read-policy.ts'
import { settings, type SettingName } from './settings.ts'

const names = Object.keys(settings) as SettingName[]
const strong = (values: Record<string, unknown>) => fixedPolicySource('machine policy', values)
const weak = (values: Record<string, unknown>) => fixedPolicySource('file', values)

describe('reading policy', () => {
  test('yields the defaults where nothing is set', () => {
    const absent: PolicySource = { name: 'file', read: () => ({ state: 'absent' }) }
    expect(readPolicy([absent])).toEqual({ policy: defaultPolicy(), report: [] })
  })

  test('takes each setting from the first source that names it', () => {
    const { policy, report } = readPolicy([
      strong({ 'workstation.name': 'Ward 3' }),
      weak({ 'workstation.name': 'Ward 4', 'workstation.place': 'Bed 7' }),
    ])
    expect(policy).toMatchObject({ 'workstation.name': 'Ward 3', 'workstation.place': 'Bed 7' })
    expect(report).toEqual([])
  })

  test('lets the default hold, not a weaker value, where the strongest is malformed', () => {
    const { policy, report } = readPolicy([
      strong({ 'shield.inactivity': '2 minutes' }),
      weak({ 'shield.inactivity': 900_000 }),
    ])
    expect(policy['shield.inactivity']).toBe(300_000)
    expect(report).toEqual([
      {
        kind: 'malformed-value',
        source: 'machine policy',
        setting: 'shield.inactivity',
        got: '"2 minutes"',
        allowed: '1000 to 900000 ms (1 s to 15 min)',
        holds: 'default',
      },
    ])
  })

  test('reports a malformed weaker value without letting it change anything', () => {
    const { policy, report } = readPolicy([
      strong({ 'badge.format': 'raw' }),
      weak({ 'badge.format': 'HPP32' }),
    ])
    expect(policy['badge.format']).toBe('raw')
    expect(report).toMatchObject([{ source: 'file', holds: 'stronger-source' }])
  })

  test('says where in a structure the fault is, and refuses two formats of one length', () => {
    const wiegand = (format: string) => ({ reader: 'pcprox', cards: 'wiegand', format })
    const allowedFor = (profiles: unknown) =>
      readPolicy([weak({ 'badge.profiles': profiles })]).report.map((entry) =>
        entry.kind === 'malformed-value' ? entry.allowed : entry.kind,
      )
    expect(allowedFor([wiegand('H10301'), wiegand('C1k35s')])).toEqual([])
    expect(allowedFor([wiegand('H10302'), wiegand('H10304')])).toEqual([
      expect.stringMatching(/; 1: answers for the same cards as number 1/),
    ])
    expect(allowedFor([{ ...wiegand('H10301'), parity: 'maybe' }])).toEqual([
      expect.stringMatching(/; 0\.parity: /),
    ])
  })

  test.each([
    ['session.overall', 25 * 3_600_000],
    ['session.inactivity', 61 * 60_000],
    ['session.tapGrace', 4 * 3_600_000 + 1],
    ['shield.inactivity', 15 * 60_000 + 1],
    ['passkey.attempts', 101],
    ['emergency.alone', 4 * 3_600_000 + 1],
    ['vault.allowFile', 'true'],
    ['workstation.kind', 'Ward'],
    ['tap.poll', 150.5],
    ['tap.poll', null],
  ] as const)('lets no site exceed the ceiling of %s (%j)', (setting, value) => {
    const { policy, report } = readPolicy([strong({ [setting]: value })])
    expect(policy[setting]).toBe(defaultPolicy()[setting])
    expect(report).toMatchObject([{ kind: 'malformed-value', setting }])
  })

  test.each(['shield.inactivty', '', '__proto__', 'constructor', 'toString'])(
    'reports the unknown setting %j',
    (setting) => {
      const values = JSON.parse(`{${JSON.stringify(setting)}: 1}`) as Record<string, unknown>
      const { policy, report } = readPolicy([strong(values)])
      expect(policy).toEqual(defaultPolicy())
      expect(report).toEqual([{ kind: 'unknown-setting', source: 'machine policy', setting }])
    },
  )

  test('reports a source that cannot be read and goes on with the others', () => {
    const broken: PolicySource = {
      name: 'machine policy',
      read: () => ({ state: 'unreadable', detail: 'This is not JSON.' }),
    }
    const { policy, report } = readPolicy([broken, weak({ 'screen.locale': 'de' })])
    expect(policy['screen.locale']).toBe('de')
    expect(report).toMatchObject([{ kind: 'unreadable-source', source: 'machine policy' }])
  })

  test('whatever the sources hold, the policy is inside every ceiling and nothing wrong is silent', () => {
    const values = fc.dictionary(
      fc.oneof(fc.constantFrom(...names), fc.string()),
      fc.oneof(
        fc.integer({ min: -1, max: 100_000_000 }),
        fc.string(),
        fc.boolean(),
        fc.jsonValue(),
      ),
    )
    fc.assert(
      fc.property(values, values, fc.boolean(), (first, second, trial) => {
        const { policy, report } = readPolicy([strong(first), weak(second)], { trial })
        for (const name of names) {
          expect(settings[name].schema.safeParse(policy[name]).success).toBe(true)
        }
        const reported = new Set(
          report.flatMap((entry) => ('setting' in entry ? [entry.setting] : [])),
        )
        const silent = names.filter(
          (name) =>
            Object.hasOwn(first, name) &&
            !isDeepStrictEqual(policy[name], first[name]) &&
            !reported.has(name),
        )
        expect(silent).toEqual([])
        for (const entry of report) expect(describeReport(entry).length).toBeLessThan(400)
      }),
    )
  })
})

test('a report says what is wrong, what holds and what is allowed', () => {
  const { report } = readPolicy([strong({ 'tap.poll': 5, 'shield.countdown': 5_000, other: 1 })])
  expect(report.map(describeReport)).toEqual([
    'machine policy: tap.poll is 5; the default holds. Allowed: 50 to 1000 ms (50 ms to 1 s).',
    'machine policy: other is no setting of this version. docs/policy.md lists them.',
    'shield.countdown is 5000; 20000 holds. A countdown lasts 20 s at least, so that people can stop it.',
  ])
})
