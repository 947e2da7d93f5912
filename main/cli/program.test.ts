import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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

const encode = (format: string, numbers: Readonly<Record<string, string>>) => [
  'badge',
  'encode',
  '--format',
  format,
  ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, value]),
]
const decode = (bits: string, ...options: readonly string[]) => [
  'badge',
  'decode',
  '--format',
  'H10301',
  '--bits',
  bits,
  ...options,
]

describe('the command line', () => {
  test.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['audit', 'verify'], /missing required argument 'export'/],
    [['audit', 'verify', 'export.jsonl', '--nonsense'], /unknown option '--nonsense'/],
    [['badge', 'encode', '--number', '1'], /--format is missing/],
    [encode('H10301', { facility: '256', number: '1' }), /from 0 to 255/],
    [encode('H10301', { facility: '1', number: '65536' }), /from 0 to 65535/],
    [encode('H10301', { facility: '1.5', number: '1' }), /from 0 to 255/],
    [encode('H10301', { facility: '1' }), /--number is missing/],
    [encode('H10301', { number: '1' }), /--facility is missing/],
    [encode('H10301', { facility: '1', number: '1', issue: '1' }), /has no issue/],
    [encode('H10302', { facility: '1', number: '1' }), /has no facility/],
    [encode('H10302', { number: '99999999999999999999' }), /from 0 to 34359738367/],
    [encode('ind27', { facility: '0', number: '0' }), /27 equal bits/],
    [encode('HPP32', { number: '1' }), /cannot be decoded: Its published fields/],
    [encode('constructor', { number: '1' }), /no format "constructor"/],
    [['badge', 'decode', '--bits', '01'], /--format is missing/],
    [['badge', 'decode', '--format', 'H10301'], /--bits is missing/],
    [['badge', 'decode', '--stdin', '--format', 'H10301'], /Leave out --format/],
    [decode('xyz'), /neither binary nor hexadecimal/],
    [decode('0x2020002'), /--length/],
    [decode('0x2020002', '--length', '4'), /does not fit in 4 bits/],
    [decode('0x1', '--length', '0'), /from 1 to 256/],
    [['policy', 'show', 'no-such-file.json'], /does not exist/],
  ] satisfies readonly (readonly [readonly string[], RegExp])[])(
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
