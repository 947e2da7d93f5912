import { spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../hid/guest/suite.ts'

const socket = '/run/pcscd/pcscd.comm'

export interface ServiceOptions {
  /** Where the packages were unpacked. */
  readonly root: string
  /** Virtual readers by name, each with the port of its first slot; the second follows it. */
  readonly readers: Readonly<Record<string, number>>
}

/** pcscd with virtual readers. */
export function createService({ root, readers }: ServiceOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-pcsc-'))
  const drivers = mkdtempSync(join(tmpdir(), 'lanyard-pcsc-drivers-'))
  for (const [name, port] of Object.entries(readers)) {
    // A driver keeps its slots to itself only if it is a file of its own.
    const driver = join(drivers, `${port}.so`)
    copyFileSync(join(root, 'usr/lib/pcsc/drivers/serial/libifdvpcd.so'), driver)
    const channel = `0x${port.toString(16)}`
    const lines = [
      `FRIENDLYNAME "${name}"`,
      `DEVICENAME /dev/null:${channel}`,
      `LIBPATH ${driver}`,
      `CHANNELID ${channel}`,
    ]
    writeFileSync(join(folder, String(port)), `${lines.join('\n')}\n`)
  }
  let pcscd: ChildProcess | null = null

  return {
    async start() {
      rmSync('/run/pcscd', { recursive: true, force: true })
      const arguments_ = ['--foreground', '--config', folder]
      pcscd = spawn(join(root, 'usr/sbin/pcscd'), arguments_, { stdio: 'ignore' })
      await until(
        () => existsSync(socket),
        5_000,
        () => 'pcscd did not start',
      )
    },
    async kill() {
      const dying = pcscd
      pcscd = null
      if (!dying) return
      const dead = new Promise((resolve) => dying.once('exit', resolve))
      dying.kill('SIGKILL')
      await dead
    },
    remove() {
      for (const made of [folder, drivers]) rmSync(made, { recursive: true, force: true })
    },
  }
}
