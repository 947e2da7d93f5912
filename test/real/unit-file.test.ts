import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configSchema } from '../../main/authority/service/config-schema.ts'
import { type InstalledService, installService } from '../support/installed-service.ts'
import { readUnit, unitPath } from '../support/unit-file.ts'

const unit = await readUnit()
const at = '/opt/lanyard/'
const [node = '', ...args] = unit('ExecStart')[0]?.split(' ') ?? []
const [reload = ''] = unit('ExecReload')[0]?.split(' ') ?? []
const example = configSchema.parse(
  parse(await readFile(join(dirname(unitPath), 'authority.example.yaml'), 'utf8')),
)

const noSystemd = spawnSync('systemd-analyze', ['--version']).error
  ? 'systemd-analyze (apt-get install systemd)'
  : null

describe.skipIf(noSystemd)(
  `systemd reads the unit${noSystemd ? `: needs ${noSystemd}` : ''}`,
  () => {
    /** A root with the units of this machine, the programs that ours names, and ours. */
    let root: string
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'lanyard-root-'))
      await cp('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true })
      await symlink('usr/lib', join(root, 'lib'))
      for (const program of [node, reload]) {
        await mkdir(dirname(join(root, program)), { recursive: true })
        await cp('/bin/true', join(root, program))
      }
      await mkdir(join(root, 'etc/systemd/system'), { recursive: true })
    })
    afterAll(() => rm(root, { recursive: true, force: true }))

    const name = basename(unitPath)
    async function analyze(text: string, verb: string, ...options: readonly string[]) {
      await writeFile(join(root, 'etc/systemd/system', name), text)
      const { status, stdout, stderr } = spawnSync(
        'systemd-analyze',
        [verb, `--root=${root}`, '--no-pager', ...options, name],
        { encoding: 'utf8' },
      )
      return { status, stdout, stderr }
    }
    const verify = (text: string) => analyze(text, 'verify', '--recursive-errors=no')

    test('it knows every option and every value', async () => {
      const text = await readFile(unitPath, 'utf8')
      expect(await verify(text)).toEqual({ status: 0, stdout: '', stderr: '' })
    })

    test.each([
      ['ProtectProc=invisible', 'ProtectProk=invisible'],
      ['ProtectHome=yes', 'ProtectHome=certainly'],
      ['~@privileged', '~@privileges'],
      ['/node/bin/node', '/node/bin/nodejs'],
    ])('and would not know %s as %s', async (right, wrong) => {
      const text = await readFile(unitPath, 'utf8')
      expect(text).toContain(right)
      expect((await verify(text.replace(right, wrong))).stderr).not.toBe('')
    })

    test('it finds little that the service could harm', async () => {
      const text = await readFile(unitPath, 'utf8')
      // Of 100; what is left is the network, and that memory may be executable.
      const threshold = ['--offline=yes', '--threshold=20']
      expect(await analyze(text, 'security', ...threshold)).toMatchObject({ status: 0, stderr: '' })
      const weaker = text.replace(/^(Protect|Private|CapabilityBoundingSet).*\n/gm, '')
      expect((await analyze(weaker, 'security', ...threshold)).status).not.toBe(0)
    })
  },
)

describe('the unit fits what is installed', () => {
  let installed: InstalledService
  beforeAll(async () => {
    installed = await installService(['out/main', 'docs', 'package.json'])
  })
  afterAll(() => installed.dispose())
  const here = (path: string) => path.replace(at, `${installed.folder}/`)

  test('what it starts is a command of the build, with an option that this command has', () => {
    expect([node, args[0]]).toEqual([`${at}node/bin/node`, `${at}out/main/lanyard.js`])
    const { status, stdout, stderr } = spawnSync(process.execPath, args.map(here), {
      cwd: '/',
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^\/etc\/lanyard\/authority\.yaml: It does not exist\. /)
  })

  test('the page that it names is there', async () => {
    const page = unit('Documentation')[0]?.replace(/^file:/, '') ?? ''
    expect(await readFile(here(page), 'utf8')).toContain(basename(unitPath))
  })

  test('the credentials of the example are handed over, and nothing else is', () => {
    const named = [example.keys.file, example.database.passwordFile ?? '']
    const loaded = unit('LoadCredential').map((value) => `credential:${value.split(':')[0]}`)
    expect(loaded).toEqual(named)
  })

  test('what the example writes is in the folder of the unit', () => {
    expect(unit('ProtectSystem')).toEqual(['strict'])
    expect(unit('ReadWritePaths')).toEqual([])
    expect(dirname(example.keptCheckpoint?.file ?? '')).toBe(
      `/var/lib/${unit('StateDirectory')[0]}`,
    )
  })

  test('it gives the service the files and the time that it needs', () => {
    expect(Number(unit('LimitNOFILE')[0])).toBeGreaterThan(2 * example.load.connections)
    // docs/operate.md: a node has ended within 15 s.
    expect(Number(unit('TimeoutStopSec')[0])).toBeGreaterThan(15)
    for (const account of ['User', 'Group']) expect(unit(account)).toEqual(['lanyard'])
  })
})
