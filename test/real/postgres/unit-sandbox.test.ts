import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, inject, test } from 'vitest'
import { createTestCa } from '../../support/certificates.ts'
import { type InstalledService, installService } from '../../support/installed-service.ts'
import { freePort } from '../../support/postgres.ts'
import { lanyard } from '../../support/service-process.ts'
import { readUnit } from '../../support/unit-file.ts'
import { newSchema } from './schema.ts'

/*
 * The unit forbids what the service is thought not to need. Here the service runs as an account of
 * its own, as the unit starts it, and what it asks of the kernel is compared with the unit.
 */

const account = 900
const isRoot = process.getuid?.() === 0
const noSystemd = spawnSync('systemd-analyze', ['--version']).error !== undefined
const tools = `root, and systemd-analyze (apt-get install systemd)`

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** Everything that is in a group of system calls, groups in it included. */
function callsOf(group: string): ReadonlySet<string> {
  const lines = execFileSync('systemd-analyze', ['syscall-filter', group], { encoding: 'utf8' })
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return new Set(entries.flatMap((entry) => (entry.startsWith('@') ? [...callsOf(entry)] : entry)))
}

interface Place {
  readonly installed: InstalledService
  readonly config: string
  readonly state: string
  readonly credentials: string
}

/** A node's files as docs/operate.md has them: those with secrets are the account's alone. */
async function place(): Promise<Place> {
  const { session, drop } = newSchema(inject('postgres'))
  const installed = await installService(['out/main', 'package.json'])
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-account-'))
  const ca = await createTestCa()
  undo.push(
    drop,
    () => installed.dispose(),
    () => ca.dispose(),
    () => rm(folder, { recursive: true }),
  )
  await chmod(folder, 0o755)
  const [config, state, credentials] = ['etc', 'state', 'credentials'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  for (const one of [config, state, credentials]) await mkdir(one, { mode: 0o700 })
  await lanyard('authority', 'keys', '--out', join(credentials, 'keys.json'))
  const tls = { certificateFile: join(config, 'tls.crt'), keyFile: join(config, 'tls.key') }
  await ca.issue({ names: ['lanyard.willowbrook.example'], ...tls })
  const path = join(config, 'authority.yaml')
  await writeFile(
    path,
    `
url: https://lanyard.willowbrook.example
rpId: willowbrook.example
listen: { port: ${await freePort()} }
tls: { certificate: tls.crt, key: tls.key }
database: { url: "${session.connectionString.replace('127.0.0.1', 'localhost')}", schema: ${session.schema} }
keys: { file: credential:keys.json }
keptCheckpoint: { file: ${join(state, 'checkpoint')} }
metrics: { listen: { port: ${await freePort()} } }
stop: { notice: 100 }
`,
  )
  await chmod(path, 0o600)
  const files = (await readdir(folder, { recursive: true })).map((name) => join(folder, name))
  for (const file of files) await chown(file, account, account)
  return { installed, config: path, state, credentials }
}

test.skipIf(!isRoot || noSystemd)(
  `the service asks the kernel for nothing that its unit forbids${!isRoot || noSystemd ? `: needs ${tools}` : ''}`,
  async () => {
    const unit = await readUnit()
    const { installed, config, state, credentials } = await place()
    const trace = join(state, 'trace')
    const watched = ['-f', '-qq', '-o', trace, '-e', 'signal=none']
    const program = [process.execPath, join(installed.folder, 'out/main/lanyard.js')]
    const child = spawn(
      'strace',
      [...watched, ...program, 'authority', 'serve', '--config', config],
      {
        cwd: '/',
        uid: account,
        gid: account,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { CREDENTIALS_DIRECTORY: credentials, LANG: 'C.UTF-8' },
      },
    )
    const traced = async () => {
      const path = `/proc/${child.pid}/task/${child.pid}/children`
      const pid = Number((await readFile(path, 'utf8')).split(' ')[0])
      // To signal 0 would mean the tests themselves.
      if (!pid) throw new Error('the service is gone')
      return pid
    }
    undo.push(async () => {
      await traced().then(
        (pid) => process.kill(pid, 'SIGKILL'),
        () => {},
      )
      child.kill('SIGKILL')
      await exited
    })
    let said = ''
    child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
    // Whoever may not read the configuration ends here.
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', () => resolve())
      void exited.then((code) => reject(new Error(`It ended with ${code}: ${said}`)))
    })
    // It begins with a checkpoint; its end has one more.
    process.kill(await traced(), 'SIGTERM')
    expect(await exited, said).toBe(0)

    const lines = (await readFile(trace, 'utf8')).split('\n').slice(1)
    const asked = lines.map((line) => /^\d+ +(\w+)\(/.exec(line)?.[1] ?? '')
    const called = new Set(asked.filter((name) => name !== ''))
    expect([...called]).toEqual(expect.arrayContaining(['openat', 'connect', 'fsync', 'rename']))

    const allowed = new Set<string>()
    for (const line of unit('SystemCallFilter')) {
      const calls = line
        .replace('~', '')
        .split(' ')
        .flatMap((group) => [...callsOf(group)])
      // One `~` turns its whole line.
      for (const call of calls)
        if (line.startsWith('~')) allowed.delete(call)
        else allowed.add(call)
    }
    expect([...called].filter((call) => !allowed.has(call))).toEqual([])

    const families = lines.map((line) => / socket(?:pair)?\((AF_\w+)/.exec(line)?.[1] ?? '')
    // glibc looks for the machine's interfaces when it resolves a name, and takes a refusal for "all".
    const open = ['', 'AF_NETLINK', ...unit('RestrictAddressFamilies').join(' ').split(' ')]
    expect([...new Set(families)].filter((family) => !open.includes(family))).toEqual([])

    const writes =
      / (?:openat\(AT_FDCWD, "([^"]+)", [^)]*(?:O_WRONLY|O_RDWR)|(?:mkdir|rename|unlink)\("([^"]+)")/
    const written = lines.flatMap((line) => {
      const [, opened, changed] = writes.exec(line) ?? []
      return opened ?? changed ?? []
    })
    expect(written).toContain(join(state, 'checkpoint.partial'))
    // `ProtectSystem=strict` with `StateDirectory` and `PrivateTmp`; devices that everybody has.
    const may = (path: string) =>
      `${path}/`.startsWith(`${state}/`) || /^\/dev\/(null|tty)$/.test(path)
    expect(written.filter((path) => !may(path))).toEqual([])
  },
)
