import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const out = join(import.meta.dirname, '../../out')
const requires = /(?:^|[^.\w])require\(\s*["'`]([^"'`]+)["'`]\s*\)/g
const imports =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g

const found = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')

test('the built preload requires electron and nothing else', () => {
  const source = readFileSync(join(out, 'preload/shell.cjs'), 'utf8')
  expect(new Set(found(source, requires))).toEqual(new Set(['electron']))
})

test('the built main imports Node, electron, the native modules and its own chunks only', () => {
  const allowed = /^(electron$|node-hid$|pcsc-mini$|serialport$|keytar(\/|$)|\.\/)/
  const files = readdirSync(join(out, 'main')).filter((name) => name.endsWith('.js'))
  expect(files).toContain('index.js')
  for (const file of files) {
    const names = found(readFileSync(join(out, 'main', file), 'utf8'), imports)
    expect(
      names.filter((name) => !isBuiltin(name) && !allowed.test(name)),
      file,
    ).toEqual([])
  }
})

/** The built command line, as the service's package starts it. */
const lanyard = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(out, 'main/lanyard.js'), ...args],
    { encoding: 'utf8', timeout: 60_000 },
  )
  return { status, stdout, stderr }
}

test('the built command line starts and says what it can', () => {
  const told = lanyard('--help')
  expect(told).toMatchObject({ status: 0, stderr: '' })
  expect(told.stdout).toMatch(/^Usage: lanyard [\s\S]+\n {2}authority /)
})

test('the built authority says that it has no configuration, and nothing of its inside', () => {
  const config = join(out, 'no-such-folder', 'authority.yaml')
  const told = lanyard('authority', 'serve', '--config', config)
  expect(told).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining(`${config}: It does not exist.`),
  })
  expect(told.stderr).not.toMatch(/^ +at /m)
})

test('the built authority speaks to PostgreSQL with what is in the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-built-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'authority.yaml')
  expect(lanyard('authority', 'keys', '--out', join(folder, 'keys.json')).status).toBe(0)
  writeFileSync(
    config,
    // Nobody listens at port 1.
    `url: http://127.0.0.1:8443
rpId: localhost
listen: { host: 127.0.0.1 }
database: { host: 127.0.0.1, port: 1, name: lanyard, user: lanyard }
keys: { file: keys.json }
`,
  )
  const told = lanyard('authority', 'token', 'list', '--config', config)
  expect(told).toMatchObject({ status: 2, stdout: '' })
  expect(told.stderr).toMatch(/^There is no connection to PostgreSQL \(ECONNREFUSED\)\.\n/)
  expect(told.stderr).not.toMatch(/^ +at /m)
})

test('tests run on the Node that the project brings along', () => {
  expect(process.versions.node.split('.')[0]).toBe('24')
})
