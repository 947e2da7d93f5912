import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { appendFile, chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'

const run = promisify(execFile)

export interface ClusterOptions {
  /** Lines of postgresql.conf, e.g. `{ max_connections: '300' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** An empty folder for the data, e.g. on a small disk; it stays. A temporary one when left out. */
  readonly dataFolder?: string
  /** The folder holds a server's data already, e.g. what a power cut left of it. */
  readonly existing?: boolean
  /** A command that starts the server as its own process, e.g. strace -D with a slow disk. */
  readonly wrapper?: readonly string[]
}

/** A private PostgreSQL server, started, with fsync on, sorting as in a hospital's own language. */
export interface PostgresCluster {
  readonly connectionString: string
  readonly host: string
  readonly port: number
  readonly dataFolder: string
  /** Of the postmaster; it changes with every start. */
  readonly pid: number
  /** A new, empty database: its connection string. */
  createDatabase(): Promise<string>
  /** One query by the superuser on a connection of its own. */
  admin(
    sql: string,
    values?: readonly unknown[],
    database?: string,
  ): Promise<Record<string, unknown>[]>
  /** `fast` ends sessions and shuts down in order; `immediate` as after a crash. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** `kill -9` of every process of the server. */
  kill(): Promise<void>
  /** Stops every process of the server in the middle of anything, until `go`. */
  freeze(): { go(): void }
  /** Starts again what was stopped or killed; resolves when it takes connections. */
  start(): Promise<void>
  dispose(): Promise<void>
}

/** Folder of initdb and postgres, the newest that is installed; null: none. */
export async function postgresBinaries(): Promise<string | null> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .toSorted((a, b) => b - a)[0]
  return newest === undefined ? null : join(root, String(newest), 'bin')
}

/** Rejects when PostgreSQL is not installed, and says what to install. */
export async function startPostgres(options: ClusterOptions = {}): Promise<PostgresCluster> {
  const binaries = await postgresBinaries()
  if (!binaries) throw new Error('PostgreSQL is not installed here: apt-get install postgresql')
  const account = await serverAccount()
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-postgres-'))
  const dataFolder = options.dataFolder ?? join(folder, 'data')
  await chmod(folder, 0o755)
  for (const own of options.dataFolder ? [folder, dataFolder] : [folder])
    if (account) await chown(own, account.uid, account.gid)
  const as = account ?? {}
  if (!options.existing)
    await run(
      join(binaries, 'initdb'),
      ['-D', dataFolder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']
        // Sorting unlike bytes, as most servers are set up.
        .concat(['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en']),
      { ...as, cwd: folder },
    )
  const port = await freePort()
  const settings = {
    port: String(port),
    listen_addresses: `'127.0.0.1'`,
    unix_socket_directories: `'${folder}'`,
    fsync: 'on',
    max_connections: '200',
    shared_buffers: `'64MB'`,
    logging_collector: 'off',
    ...options.settings,
  }
  await appendFile(
    join(dataFolder, 'postgresql.conf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )

  let server: ChildProcess | null = null
  let output = ''
  const host = '127.0.0.1'
  const urlOf = (database: string) => `postgresql://postgres@${host}:${port}/${database}`

  async function admin(sql: string, values: readonly unknown[] = [], database = 'postgres') {
    const client = new Client({ connectionString: urlOf(database), connectionTimeoutMillis: 5000 })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(sql, [...values])).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  async function start(patience = 100): Promise<void> {
    if (server && server.exitCode === null && server.signalCode === null) return
    output = ''
    const command = [...(options.wrapper ?? []), join(binaries ?? '', 'postgres'), '-D', dataFolder]
    const child = spawn(command[0] ?? '', command.slice(1), {
      ...as,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-4000)))
    server = child
    for (let attempt = 0; attempt < 600; attempt++) {
      if (child.exitCode !== null) {
        // One that was just forked when the others were killed ends by itself in a moment.
        if (!output.includes('pre-existing shared memory block') || patience === 0)
          throw new Error(`PostgreSQL did not start:\n${output}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
        return start(patience - 1)
      }
      if (
        await admin('select 1').then(
          () => true,
          () => false,
        )
      )
        return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`PostgreSQL takes no connections:\n${output}`)
  }

  async function end(signal: () => void) {
    const child = server
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    signal()
    await exited
  }

  const cluster: PostgresCluster = {
    connectionString: urlOf('postgres'),
    host,
    port,
    dataFolder,
    get pid() {
      if (server?.pid === undefined) throw new Error('PostgreSQL was not started.')
      return server.pid
    },
    async createDatabase() {
      const name = `t_${randomBytes(6).toString('hex')}`
      await admin(`create database ${name}`)
      return urlOf(name)
    },
    admin,
    stop: (mode = 'fast') => end(() => server?.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')),
    kill: () =>
      end(() => {
        const children = server?.pid === undefined ? [] : childrenOf(server.pid)
        server?.kill('SIGKILL')
        for (const pid of children) kill(pid)
      }),
    freeze() {
      const pids = [cluster.pid, ...childrenOf(cluster.pid)]
      for (const pid of pids) kill(pid, 'SIGSTOP')
      return {
        go() {
          for (const pid of pids) kill(pid, 'SIGCONT')
        },
      }
    },
    start: () => start(),
    async dispose() {
      await cluster.stop('immediate')
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    await start()
  } catch (error) {
    await cluster.dispose()
    throw error
  }
  return cluster
}

/** PostgreSQL refuses to run as root: the account that its package made. */
export async function serverAccount(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const users = await readFile('/etc/passwd', 'utf8')
  const fields = users
    .split('\n')
    .find((line) => line.startsWith('postgres:'))
    ?.split(':')
  if (!fields) throw new Error('There is no user `postgres`: apt-get install postgresql')
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Sessions and workers are children of the postmaster, each in a group of its own. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return readFileSync(file, 'utf8').split(' ').map(Number).filter(Boolean)
}

function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended with the postmaster.
  }
}
