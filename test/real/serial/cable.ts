import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { check, pause, until } from '../hid/guest/suite.ts'

/**
 * A cable with a tty of the kernel at the product's end, under a name that stays, and a virtual
 * reader at the other. It is plugged in while its socat runs.
 */
export function createCable(path: string) {
  let socat: ChildProcess | null = null
  let receive: (text: string) => void = () => {}

  return {
    path,
    connect(device: { receive(text: string): void }) {
      receive = (text) => device.receive(text)
    },
    async plug(): Promise<void> {
      check(socat === null, `${path} is plugged in already`)
      const child = spawn('socat', [`pty,raw,echo=0,link=${path}`, '-'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      socat = child
      child.stdin.on('error', () => {})
      child.stdout.setEncoding('latin1').on('data', (text: string) => receive(text))
      await until(
        () => existsSync(path),
        3_000,
        () => `socat made no ${path}`,
      )
    },
    send: (text: string) => void socat?.stdin?.write(text, 'latin1'),
    async unplug(): Promise<void> {
      const child = socat
      socat = null
      if (!child || child.exitCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
      // A killed socat leaves its link; udev would take it away.
      rmSync(path, { force: true })
      await pause(20)
    },
  }
}
export type Cable = ReturnType<typeof createCable>
