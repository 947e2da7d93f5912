import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuditLog } from '../audit/index.ts'
import { openDatabase } from '../store/index.ts'
import { runProgram } from './program.ts'
import { projectFolder } from './version.ts'

const example = join(projectFolder, 'docs', 'examples', 'audit.jsonl')
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(...args: readonly string[]) {
  let out = ''
  let err = ''
  const code = await runProgram(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
  })
  return { code, out, err }
}

describe('the command line', () => {
  test.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['audit', 'verify'], /missing required argument 'export'/],
    [['audit', 'verify', 'export.jsonl', '--nonsense'], /unknown option '--nonsense'/],
    [['badge', 'encode', '256', '1'], /from 0 to 255/],
    [['badge', 'encode', '1', '65536'], /from 0 to 65535/],
    [['badge', 'encode', '1.5', '1'], /from 0 to 255/],
    [['badge', 'decode', 'xyz'], /neither binary nor hexadecimal/],
    [['badge', 'decode', '0x2020002'], /--length/],
    [['badge', 'decode', '0x2020002', '--length', '4'], /does not fit in 4 bits/],
    [['badge', 'decode', '01', '--length', '0'], /from 1 to 256/],
    [['policy', 'show', 'no-such-file.json'], /does not exist/],
  ] as const)(
    '%j cannot be done: exit 2 and a sentence on the error output',
    async (args, text) => {
      const { code, out, err } = await run(...args)
      expect(code).toBe(2)
      expect(out).toBe('')
      expect(err).toMatch(text)
    },
  )

  test.each([[['--help']], [['doctor', '--help']], [['audit', '--help']]])(
    '%j is answered on the standard output with exit 0',
    async (args) => {
      const { code, out, err } = await run(...args)
      expect(code).toBe(0)
      expect(out).toMatch(/Usage: lanyard/)
      expect(err).toBe('')
    },
  )

  test('without a command it shows its help and exits 2, so that scripts notice', async () => {
    const { code, err } = await run()
    expect(code).toBe(2)
    expect(err).toMatch(/Usage: lanyard/)
  })

  test('as a process it prints the version of package.json and sets the exit code', async () => {
    const manifest: unknown = JSON.parse(
      await readFile(join(projectFolder, 'package.json'), 'utf8'),
    )
    const program = join(projectFolder, 'main', 'lanyard.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [program, '--version'])
    expect(manifest).toMatchObject({ version: stdout.trim() })
    const failing = promisify(execFile)(process.execPath, [program, 'frobnicate'])
    await expect(failing).rejects.toMatchObject({ code: 2 })
  })
})

describe('lanyard audit verify', () => {
  test('the export in the documentation is sound', async () => {
    const { code, out } = await run('audit', 'verify', example)
    expect(code).toBe(0)
    expect(out).toMatch(/^SOUND: 3 records/)
    const page = await readFile(join(projectFolder, 'docs', 'audit-log.md'), 'utf8')
    expect(page).toContain(await readFile(example, 'utf8'))
  })

  test('a changed digit is found and the record named, with exit 1', async () => {
    const text = await readFile(example, 'utf8')
    const changed = join(folder, 'changed.jsonl')
    await writeFile(changed, text.replace('"time":1795330802468', '"time":1795330802469'))
    const { code, out } = await run('audit', 'verify', changed)
    expect(code).toBe(1)
    expect(out).toMatch(/Record 1, line 3/)
  })

  test('the log of somebody else is refused when the key is known', async () => {
    const { code } = await run('audit', 'verify', example, '--key', 'other.example+00000000+AAAA')
    expect(code).toBe(1)
  })

  test('a log that goes on passes with a checkpoint kept from before, one cut back does not', async () => {
    const db = await openDatabase({ path: join(folder, 'lanyard.db') })
    const seed = new Uint8Array(32).fill(9)
    const log = await createAuditLog({ db, seed, origin: 'lanyard.example/test', now: Date.now })
    const [earlier, later] = [join(folder, 'earlier.jsonl'), join(folder, 'later.jsonl')]
    for (const file of [earlier, later]) {
      const lines: string[] = []
      for await (const line of log.export()) lines.push(`${line}\n`)
      const { checkpoint } = JSON.parse(lines.at(-1) ?? '') as { checkpoint: string }
      await writeFile(file, lines.join(''))
      await writeFile(`${file}.checkpoint`, checkpoint)
    }
    await log.dispose()
    await db.close()
    expect((await run('audit', 'verify', later, '--since', `${earlier}.checkpoint`)).code).toBe(0)
    expect((await run('audit', 'verify', earlier, '--since', `${later}.checkpoint`)).code).toBe(1)
  })

  test('a file that cannot be read ends with exit 2', async () => {
    expect((await run('audit', 'verify', join(folder, 'absent'))).code).toBe(2)
    expect((await run('audit', 'verify', example, '--since', join(folder, 'absent'))).code).toBe(2)
  })
})

describe('lanyard badge', () => {
  test('what it encodes it decodes again, binary and hexadecimal', async () => {
    const card = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 65_535 }))
    await fc.assert(
      fc.asyncProperty(card, async ([facility, number]) => {
        const encoded = await run('badge', 'encode', String(facility), String(number))
        const { binary, hex, canonical } = JSON.parse(encoded.out) as Record<string, string>
        for (const word of [[binary ?? ''], [hex ?? '', '--length', '26']]) {
          const decoded = await run('badge', 'decode', ...word)
          expect(decoded.code).toBe(0)
          expect(JSON.parse(decoded.out)).toMatchObject({ ok: true, facility, number, canonical })
        }
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    ['0'.repeat(25) + '0', 'parity'],
    ['0'.repeat(37), 'length'],
  ])('%s is not H10301: exit 1 and the reason', async (word, reason) => {
    const { code, out } = await run('badge', 'decode', word)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ ok: false, reason })
  })

  test('it lists its formats', async () => {
    const { out } = await run('badge', 'formats')
    expect(JSON.parse(out)).toMatchObject([{ name: 'H10301', bits: 26 }])
  })
})

describe('lanyard policy', () => {
  test('without a file it shows the defaults', async () => {
    const { code, out } = await run('policy', 'show')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ 'session.overall': 43_200_000 })
  })

  test('a value over its ceiling is reported, the default holds, exit 1', async () => {
    const file = join(folder, 'policy.json')
    await writeFile(file, JSON.stringify({ 'session.overall': 172_800_000 }))
    const { code, out, err } = await run('policy', 'show', file)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ 'session.overall': 43_200_000 })
    expect(err).toMatch(/session\.overall is 172800000; the default holds/)
  })

  test('a file that is no policy ends with exit 2', async () => {
    const file = join(folder, 'broken.json')
    await writeFile(file, '{')
    expect((await run('policy', 'show', file)).code).toBe(2)
  })

  test('docs prints a row for every setting', async () => {
    const shown = JSON.parse((await run('policy', 'show')).out) as Record<string, unknown>
    const { out } = await run('policy', 'docs')
    for (const name of Object.keys(shown)) expect(out).toContain(`\`${name}\``)
  })
})
