import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { startFaultyProxy } from './faulty-proxy.ts'
import { freePort, postgresBinaries, type PostgresCluster, serverAccount } from './postgres.ts'

const run = promisify(execFile)

/** A second server that follows a primary, and that the primary waits for before it confirms. */
export interface Standby {
  readonly port: number
  /** One query by the superuser on a connection of its own. */
  admin(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** What the primary sends from now on never arrives, until `listen`. */
  fallSilent(): void
  listen(): void
  /** It is the primary from now on, and waits for no standby. */
  promote(): Promise<void>
  /** As after a crash, and again. */
  restart(): Promise<void>
  dispose(): Promise<void>
}

/** Copies a running primary, follows it, and makes it wait for this one's disk with every commit. */
export async function startStandby(primary: PostgresCluster): Promise<Standby> {
  const binaries = (await postgresBinaries()) ?? ''
  const account = await serverAccount()
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-standby-'))
  if (account) await chown(folder, account.uid, account.gid)
  const as = { ...account, cwd: folder }
  const data = join(folder, 'data')
  const way = await startFaultyProxy({ host: primary.host, port: primary.port })
  const from = `host=127.0.0.1 port=${way.port} user=postgres application_name=standby`
  await run(
    join(binaries, 'pg_basebackup'),
    ['-D', data, '-d', from, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync'],
    as,
  )
  const port = await freePort()
  let server: ChildProcess | null = null

  async function admin(sql: string, values: readonly unknown[] = []) {
    const client = new Client({
      connectionString: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.query<Record<string, unknown>>(sql, [...values])).rows
    } finally {
      await client.end().catch(() => {})
    }
  }
  async function start() {
    const settings = ['-c', `port=${port}`, '-c', `unix_socket_directories=${folder}`]
    server = spawn(join(binaries, 'postgres'), ['-D', data, ...settings], {
      ...as,
      stdio: 'ignore',
    })
    await until(() =>
      admin('select 1').then(
        () => true,
        () => false,
      ),
    )
  }
  async function stop() {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGQUIT')
    await exited
  }
  await start()
  await primary.admin(`alter system set synchronous_standby_names = 'standby'`)
  await primary.admin('select pg_reload_conf()')
  await until(async () => {
    const [row] = await primary.admin('select sync_state from pg_stat_replication')
    return row?.['sync_state'] === 'sync'
  })
  return {
    port,
    admin,
    fallSilent: () => way.blackhole('up', 'down'),
    listen: () => way.heal(),
    async promote() {
      await admin('select pg_promote(true, 60)')
    },
    async restart() {
      await stop()
      await start()
    },
    async dispose() {
      await stop()
      await way.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await condition()) return
    await pause(100)
  }
  throw new Error('The standby did not come up in time.')
}
