import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { em4102FromId, em4102FromText, em4102Renderings, renderEm4102 } from './em4102.ts'

const id = fc.bigInt({ min: 0n, max: (1n << 40n) - 1n })
const rendering = fc.constantFrom(...em4102Renderings)

describe('an EM4102 tag', () => {
  // Published output for the tags 1122334455 and A02A060F59.
  test.each([
    ['HEX', '1122334455', 'A02A060F59'],
    ['HEX-REVERSED', '8844CC22AA', '055460F09A'],
    ['DEZ8', '03359829', '00397145'],
    ['DEZ10', '0573785173', '0705040217'],
    ['DEZ5.5', '08755.17493', '10758.03929'],
    ['DEZ3.5A', '017.17493', '160.03929'],
    ['DEZ3.5B', '034.17493', '042.03929'],
    ['DEZ3.5C', '051.17493', '006.03929'],
    ['DEZ14', '00073588229205', '00687899807577'],
    ['DEZ15', '000585269781162', '000022890475674'],
  ] as const)('is printed as %s %s', (name, first, second) => {
    expect(renderEm4102(0x11_2233_4455n, name)).toBe(first)
    expect(renderEm4102(0xa0_2a06_0f59n, name)).toBe(second)
  })

  test.each([
    ['DEZ8', 'EM4102|RAW|24|334455'],
    ['DEZ3.5C', 'EM4102|RAW|24|334455'],
    ['DEZ10', 'EM4102|RAW|32|22334455'],
    ['DEZ5.5', 'EM4102|RAW|32|22334455'],
    ['DEZ14', 'EM4102|RAW|40|1122334455'],
    ['DEZ15', 'EM4102|RAW|40|1122334455'],
    ['HEX', 'EM4102|RAW|40|1122334455'],
    ['HEX-REVERSED', 'EM4102|RAW|40|1122334455'],
    ['DEZ3.5A', 'EM4102-35A|RAW|24|114455'],
    ['DEZ3.5B', 'EM4102-35B|RAW|24|224455'],
  ] as const)('printed as %s is the badge %s', (name, badge) => {
    expect(em4102FromText(renderEm4102(0x11_2233_4455n, name), name)).toBe(badge)
    expect(em4102FromId(0x11_2233_4455n, name)).toBe(badge)
  })

  test('is one badge for all readers that keep the same bits, and two tags are two badges', () => {
    fc.assert(
      fc.property(id, id, rendering, (one, other, name) => {
        const [first, second] = [renderEm4102(one, name), renderEm4102(other, name)]
        const badge = em4102FromText(first, name)
        fc.pre(badge !== null)
        expect(badge === em4102FromText(second, name)).toBe(first === second)
        expect(em4102FromId(one, name)).toBe(badge)
      }),
    )
  })

  test.each([
    ['DEZ8', '3359829'],
    ['DEZ8', '16777216'],
    ['DEZ8', '0335982a'],
    ['DEZ10', '4294967296'],
    ['DEZ10', '08755.17493'],
    ['DEZ5.5', '65536.00001'],
    ['DEZ5.5', '00001.65536'],
    ['DEZ5.5', '00001.00001.00001'],
    ['DEZ3.5A', '256.00001'],
    ['DEZ14', '-1099511627775'],
    ['DEZ14', '01099511627776'],
    ['HEX', '112233445'],
    ['HEX', '0x11223344'],
    ['DEZ8', ''],
    ['DEZ8', '00000000'],
    ['DEZ8', '16777215'],
    ['HEX', 'FFFFFFFFFF'],
  ] as const)('is never printed as %s %j', (name, text) => {
    expect(em4102FromText(text, name)).toBeNull()
  })

  test('has no more than 40 bits', () => {
    expect(() => renderEm4102(1n << 40n, 'HEX')).toThrow(RangeError)
    expect(() => renderEm4102(-1n, 'HEX')).toThrow(RangeError)
  })
})
