import { describe, expect, test } from 'vitest'
import { examine, reportText, type Finding } from './doctor-report.ts'

const finding = (check: string, state: Finding['state'], next: string | null = null): Finding => ({
  check,
  state,
  summary: `About ${check}`,
  next,
  facts: {},
})
const check = (given: Finding) => async () => given

describe('the report of the self-test', () => {
  test('is healthy when nothing needs attention', async () => {
    const report = await examine({
      version: '1.2.3',
      checks: { a: check(finding('a', 'ok')), b: check(finding('b', 'information')) },
    })
    expect(report).toMatchObject({ schema: 1, version: '1.2.3', healthy: true })
    expect(reportText(report)).toMatch(/Nothing needs attention\.\n$/)
  })

  test('is not healthy when one thing needs attention, and says what to do', async () => {
    const report = await examine({
      version: '1.2.3',
      checks: { a: check(finding('a', 'ok')), b: check(finding('b', 'attention', 'Do this.')) },
    })
    expect(report.healthy).toBe(false)
    expect(reportText(report)).toMatch(/-> Do this\./)
    expect(reportText(report)).toMatch(/1 of 2 need attention/)
  })

  test('survives a check that throws: that is a finding, and the others are there', async () => {
    const report = await examine({
      version: '1.2.3',
      checks: {
        a: check(finding('a', 'ok')),
        b: async () => {
          throw new Error('the driver is odd')
        },
      },
    })
    expect(report.healthy).toBe(false)
    expect(report.findings.map(({ state }) => state)).toEqual(['ok', 'attention'])
    expect(report.findings[1]?.summary).toMatch(/the driver is odd/)
  })

  test('does not wait for a check that hangs', async () => {
    const report = await examine({
      version: '1.2.3',
      checks: { a: () => new Promise<Finding>(() => {}) },
      timeout: 10,
    })
    expect(report.findings[0]).toMatchObject({ check: 'a', state: 'attention' })
  })
})
