import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface BootOptions {
  readonly kernel: string
  readonly image: string
  /** Power is cut after this many ms. */
  readonly limitMs: number
  readonly line: (line: string) => void
  /** A socket that is made, and is the guest's second serial port (/dev/ttyS1). */
  readonly port?: string
  /** Cuts the power too. */
  readonly signal?: AbortSignal
}

export interface Boot {
  /** Wall time from power on to power off. */
  readonly ms: number
  readonly timedOut: boolean
  readonly stderr: string
}

/** What every line of the guest that is meant for the host starts with. */
export const sentinel = 'LANYARD-HID '

/** Boots once and returns when the machine is off; QEMU's exit code says nothing about the guest. */
export async function boot({
  kernel,
  image,
  limitMs,
  line,
  port,
  signal,
}: BootOptions): Promise<Boot> {
  const startedAt = performance.now()
  const machine = spawn(
    'qemu-system-x86_64',
    [
      // KVM would be faster, but guests hang early where it is nested; emulation works everywhere.
      '-machine q35,accel=tcg -cpu max -smp 2 -m 1024',
      '-nodefaults -no-user-config -display none -no-reboot -nic none -serial stdio',
    ]
      .flatMap((words) => words.split(' '))
      .concat(port === undefined ? [] : ['-serial', `unix:${port},server=on,wait=off`])
      .concat('-kernel', kernel, '-initrd', image)
      .concat('-append', 'console=ttyS0 quiet panic=-1 mitigations=off'),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stderr = ''
  machine.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  createInterface({ input: machine.stdout }).on('line', (text) => line(text.replace(/\r$/, '')))
  let timedOut = false
  const cut = setTimeout(() => {
    timedOut = true
    machine.kill('SIGKILL')
  }, limitMs)
  const cutNow = () => void machine.kill('SIGKILL')
  signal?.addEventListener('abort', cutNow, { once: true })
  await new Promise<void>((resolve, reject) => {
    machine.once('close', () => resolve())
    machine.once('error', reject)
  })
  clearTimeout(cut)
  signal?.removeEventListener('abort', cutNow)
  return { ms: performance.now() - startedAt, timedOut, stderr: stderr.trim() }
}
