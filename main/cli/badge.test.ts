import { execFile } from 'node:child_process'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { formatNames, wiegandFormat } from '../badge/formats/catalogue.ts'
import { answer, answerLine } from './badge-answers.ts'
import { runProgram } from './program.ts'
import { projectFolder } from './version.ts'

async function run(...args: readonly string[]) {
  let out = ''
  const code = await runProgram(['badge', ...args], { out: (text) => (out += text), err: () => {} })
  return { code, out }
}
const runLine = (line: string) => run(...line.split(' '))
const encodedSchema = z.object({
  bits: z.string(),
  hex: z.string(),
  length: z.number(),
  canonical: z.string().nullable(),
})

/** A format with numbers that fit it, as the command line takes and gives them. */
const numbered = fc.constantFrom(...formatNames).chain((format) => {
  const fields = wiegandFormat(format).fields.map(
    ({ name, length }) =>
      [name, fc.bigInt({ min: 1n, max: (1n << BigInt(length)) - 2n }).map(String)] as const,
  )
  return fc.record(Object.fromEntries(fields)).map((numbers) => ({ format, numbers }))
})

describe('lanyard badge encode and decode', () => {
  test('what it encodes it decodes again, binary, hexadecimal and as a line', async () => {
    await fc.assert(
      fc.asyncProperty(numbered, async ({ format, numbers }) => {
        const options = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, value])
        const { out, code } = await run('encode', '--format', format, ...options)
        expect(code).toBe(0)
        const { bits, hex, length, canonical } = encodedSchema.parse(JSON.parse(out))
        const parity = wiegandFormat(format).parity.length > 0
        const expected = { valid: true, facility: '0', ...numbers, parity }
        for (const word of [[bits], [hex, '--length', String(length)]]) {
          const decoded = await run('decode', '--format', format, '--bits', ...word)
          expect(decoded.code).toBe(0)
          expect(JSON.parse(decoded.out)).toEqual({ ...expected, format, length, canonical })
        }
        expect(answerLine(out)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  test('encodes the public example', async () => {
    const { out } = await runLine('encode --format H10301 --facility 118 --number 1603')
    expect(JSON.parse(out)).toEqual({
      format: 'H10301',
      bits: '10111011000000110010000110',
      length: 26,
      hex: '0x2ec0c86',
      canonical: 'WIEGAND|H10301|26|118|1603',
    })
  })

  test.each([
    ['0'.repeat(26), 'parity'],
    ['1'.repeat(26), 'parity'],
    ['0'.repeat(37), 'length'],
  ])('%s is not H10301: exit 1 and the reason', async (word, reason) => {
    const { code, out } = await run('decode', '--format', 'H10301', '--bits', word)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ valid: false, reason })
  })

  test.each([
    ['h10301', 26],
    ['n10002', 34],
    ['Kantech', 32],
    ['Kantech KFS', 32],
    ['iscs 38', 38],
    ['c1K48S', 48],
  ])('knows %s as people write it', (name, bits) => {
    expect(answer(name, '01'.repeat(bits))).toEqual({ valid: false, reason: 'length' })
    expect(answer(name, '01'.repeat(bits / 2))).not.toEqual({ valid: false, reason: 'length' })
  })
})

describe('a line of lanyard badge decode --stdin', () => {
  const good = '10111011000000110010000110'

  test.each([
    ['', 'malformed'],
    ['{', 'malformed'],
    ['null', 'malformed'],
    ['[]', 'malformed'],
    ['"H10301"', 'malformed'],
    ['{"format":"H10301"}', 'malformed'],
    [`{"bits":"${good}"}`, 'malformed'],
    ['{"format":"H10301","bits":10111}', 'malformed'],
    ['{"format":["H10301"],"bits":"1"}', 'malformed'],
    ['{"format":"H10301","bits":""}', 'malformed'],
    ['{"format":"H10301","bits":" 1011"}', 'malformed'],
    ['{"format":"H10301","bits":"0x2ec0c86"}', 'malformed'],
    [`{"format":"H10301","bits":"${good.replace('0', '2')}"}`, 'malformed'],
    [`{"format":"H10301","bits":"${'1'.repeat(257)}"}`, 'malformed'],
    [`{"format":"H10301","bits":"${'1'.repeat(10_000)}"}`, 'malformed'],
    ['['.repeat(4000), 'malformed'],
    [`{"format":"H10301","bits":"${good}0"}`, 'length'],
    [`{"format":"H10301","bits":"${good.slice(1)}"}`, 'length'],
    [`{"format":"H10301","bits":"0${good.slice(1)}"}`, 'parity'],
    [`{"format":"H10399","bits":"${good}"}`, 'unknown-format'],
    [`{"format":"","bits":"${good}"}`, 'unknown-format'],
    [`{"format":"raw","bits":"${good}"}`, 'unknown-format'],
    [`{"format":"__proto__","bits":"${good}"}`, 'unknown-format'],
    [`{"format":"HPP32","bits":"${good}"}`, 'undocumented-format'],
    [`{"format":"ind27","bits":"${'0'.repeat(27)}"}`, 'degenerate'],
    [`{"format":"ind27","bits":"${'1'.repeat(27)}"}`, 'degenerate'],
    [`{"format":"WIE32","bits":"${'01'.repeat(16)}"}`, 'layout'],
  ])('%j is answered with %s', (line, reason) => {
    expect(answerLine(line)).toEqual({ valid: false, reason })
  })

  test('of any text is answered and never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"format":${json},"bits":${json}}`),
    )
    fc.assert(
      fc.property(line, (text) => {
        expect(answerLine(text)).toMatchObject({ valid: false })
      }),
      { numRuns: 2_000 },
    )
  })

  test('gets its answer in its place, the last without a line end too', async () => {
    const child = execFile(process.execPath, [
      join(projectFolder, 'main', 'lanyard.ts'),
      'badge',
      'decode',
      '--stdin',
    ])
    let out = ''
    child.stdout?.on('data', (text: string) => (out += text))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    child.stdin?.end(
      `{"format":"H10301","bits":"${good}"}\r\n\nnonsense\n{"format":"S12906","bits":"${'0'.repeat(36)}"}`,
    )
    expect(await ended).toBe(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { valid: true, facility: '118', number: '1603', parity: true },
      { valid: false, reason: 'malformed' },
      { valid: false, reason: 'malformed' },
      { valid: false, reason: 'parity' },
    ])
  })
})

describe('lanyard badge candidates', () => {
  test('names every format that a word fits, and decides nothing', async () => {
    const { out } = await run('encode', '--format', 'H10302', '--number', '1603')
    const { bits } = encodedSchema.parse(JSON.parse(out))
    const { code, out: fitting } = await run('candidates', '--bits', bits)
    expect(code).toBe(0)
    expect(JSON.parse(fitting)).toMatchObject([
      { format: 'H10302', number: '1603', parity: true },
      { format: 'H10304', facility: '0', number: '1603', parity: true },
      { format: 'MDI37', facility: '0', number: '1603', parity: true },
    ])
  })

  test.each(['0'.repeat(26), '1'.repeat(26), '1'.repeat(13)])('are none for %s', async (bits) => {
    expect(await run('candidates', '--bits', bits)).toEqual({ code: 1, out: '[]\n' })
  })
})

describe('lanyard badge formats', () => {
  test('lists every format with its layout, and what it cannot decode with the reason', async () => {
    const listed = z
      .array(z.looseObject({ name: z.string(), documented: z.boolean() }))
      .parse(JSON.parse((await run('formats', '--json')).out))
    expect(listed.length).toBeGreaterThan(40)
    expect(listed).toContainEqual({
      name: 'H10301',
      documented: true,
      title: 'HID open 26-bit',
      bits: 26,
      layout: 'P F8 C16 P',
      fields: {
        facility: { bits: '1-8', length: 8, max: '255' },
        number: { bits: '9-24', length: 16, max: '65535' },
      },
      fixed: { zeros: '', ones: '' },
      parity: [
        { kind: 'even', at: 0, over: '1-12' },
        { kind: 'odd', at: 25, over: '13-24' },
      ],
    })
    expect(listed).toContainEqual(expect.objectContaining({ name: 'N10002', sameAs: 'H10306' }))
    expect(listed).toContainEqual(expect.objectContaining({ name: 'ind27', parity: 'none' }))
    expect(listed.filter(({ documented }) => !documented)).toHaveLength(9)
    const { out } = await run('formats')
    for (const { name } of listed) expect(out).toMatch(new RegExp(`^${name} `, 'm'))
  })
})
