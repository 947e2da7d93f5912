import { spawnSync, type SpawnSyncOptions } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { parse } from 'yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseConfig } from '../../main/authority/service/read-config.ts'
import { type InstalledService, installService } from '../support/installed-service.ts'

/*
 * An image is built with packages and bases from the network. What of it can be wrong without one
 * is held to here: what is copied, and that this alone is a program that starts.
 */

const checkout = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(checkout, path), 'utf8')

interface Instruction {
  readonly name: string
  readonly rest: string
}

const instructions: readonly Instruction[] = read('docs/operate/Containerfile')
  .split('\n')
  .flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    return name === undefined || rest === undefined ? [] : [{ name, rest }]
  })
const lastFrom = instructions.findLastIndex(({ name }) => name === 'FROM')
const bases = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest)
const [build, image] = [instructions.slice(0, lastFrom), instructions.slice(lastFrom)]

const all = (name: string, stage = image): readonly string[] =>
  stage.filter((one) => one.name === name).map(({ rest }) => rest)
function only(name: string, stage = image): string {
  const [first, ...more] = all(name, stage)
  if (first === undefined || more.length > 0) throw new Error(`${name} stands there not just once`)
  return first
}
const command = (name: string) => JSON.parse(only(name)) as readonly string[]

/** From which path of the checkout to which path of the image's folder. */
const copies = all('COPY').map((rest) => {
  const [, from = '', to = ''] = /^--from=build (\S+) (\S+)$/.exec(rest) ?? []
  return { from: from.replace(`${only('WORKDIR', build)}/`, ''), to: normalize(to) }
})

const [program = '', ...entry] = command('ENTRYPOINT')
let installed: InstalledService
/** As the image has it, where any account may run it. */
let node: string
beforeAll(async () => {
  installed = await installService(copies.map(({ from }) => from))
  node = join(installed.folder, 'node')
  await copyFile(process.execPath, node)
})
afterAll(() => installed.dispose())

const run = (args: readonly string[], options: SpawnSyncOptions = {}, by = process.execPath) => {
  const { status, stdout, stderr } = spawnSync(by, [...entry, ...args], {
    cwd: installed.folder,
    timeout: 60_000,
    ...options,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const unconfigured = {
  status: 2,
  stdout: '',
  stderr: expect.stringMatching(/^\/etc\/lanyard\/authority\.yaml: It does not exist\. /) as string,
}

test('what the image copies from its build is there, and keeps its place', async () => {
  expect(copies.length).toBeGreaterThan(0)
  for (const { from, to } of copies) {
    await expect(stat(join(checkout, from)), from).resolves.toBeDefined()
    expect([from, './'], from).toContain(to)
  }
})

test('what is copied is a program by itself', () => {
  expect(program).toBe('node')
  expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' })
  expect(run(['authority', '--help']).stdout).toContain('serve')
})

test('without a configuration the image says which one it looks for', () => {
  expect(run(command('CMD'))).toEqual(unconfigured)
})

test.skipIf(process.getuid?.() !== 0)(
  'also as an account that is only a number, as clusters choose one (needs root)',
  () => {
    const nobody = { uid: 1_000_730_000, gid: 0, env: {} }
    expect(run(command('CMD'), nobody, node)).toEqual(unconfigured)
  },
)

test('its build runs scripts that there are', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const steps = all('RUN', build).flatMap((rest) => rest.split(' && '))
  const named = steps.flatMap((step) => /^npm run (\S+)/.exec(step)?.[1] ?? [])
  expect(steps).toContain('npm ci')
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['build', ...named]))
})

test('both stages have the Node that the tests run on', () => {
  expect(bases).toHaveLength(2)
  const major = process.versions.node.split('.')[0]
  for (const base of bases) expect(base).toMatch(new RegExp(`^docker\\.io/library/node:${major}-`))
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
  expect(Number(major)).toBeGreaterThanOrEqual(Number(/^>=(\d+)$/.exec(engines.node)?.[1]))
})

test('it serves as somebody who is not root, and who has a place for the kept checkpoint that outlives it', () => {
  const made = /^useradd (.*) (\S+)$/.exec(only('RUN')) ?? []
  expect(only('USER')).toBe(made[2])
  expect(made[1]).toMatch(/(^| )--uid [1-9]\d*( |$)/)
  const home = /--home-dir (\S+) --create-home/.exec(made[1] ?? '')?.[1] ?? 'none'
  const example = parse(read('docs/operate/authority.example.yaml')) as {
    keptCheckpoint: { file: string }
  }
  expect(example.keptCheckpoint.file.startsWith(`${home}/`)).toBe(true)
  expect(only('VOLUME')).toBe(home)
})

test('the example finds in the image what it calls a credential', () => {
  expect(read('docs/operate/authority.example.yaml')).toContain('credential:')
  expect(only('ENV')).toBe('CREDENTIALS_DIRECTORY=/run/secrets')
})

test('it exposes the port on which a configuration listens that names none', () => {
  const { config } = parseConfig(
    'url: https://lanyard.willowbrook.example\nrpId: willowbrook.example\n' +
      'tls: { certificate: c, key: k }\ndatabase: { host: h, name: n, user: u }\n',
    'authority.yaml',
  )
  expect(only('EXPOSE')).toBe(String(config.listen.port))
  expect(only('STOPSIGNAL')).toBe('SIGTERM')
})
