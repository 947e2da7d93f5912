import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const run = (program: string, ...parameters: string[]) =>
  execFileSync(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
export const works = (program: string, ...parameters: string[]) =>
  spawnSync(program, parameters, { stdio: 'ignore' }).status === 0

/** File systems of a test, in a folder of its own. */
export interface Disks {
  readonly directory: string
  /** Mounts at a new folder with this name; unmounted by `undo`, the last one first. */
  mount(name: string, ...options: string[]): string
  tmpfs(name: string, size: string): string
  /** An empty ext4 of `size` in the file `image`. */
  format(image: string, size: string): void
  /** Steps of the way back; the first removes the folder. */
  readonly undo: (() => void)[]
  dispose(): void
}

export function createDisks(): Disks {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-disks-'))
  const undo = [() => rmSync(directory, { recursive: true })]
  const disks: Disks = {
    directory,
    undo,
    mount(name, ...options) {
      const path = join(directory, name)
      mkdirSync(path)
      run('mount', ...options, path)
      undo.push(() => run('umount', path))
      return path
    },
    tmpfs: (name, size) => disks.mount(name, '-t', 'tmpfs', '-o', `size=${size}`, name),
    format(image, size) {
      run('truncate', '-s', size, image)
      run('mkfs.ext4', '-q', image)
    },
    dispose() {
      for (const step of undo.splice(0).toReversed()) step()
    },
  }
  return disks
}

/** Null, or what this machine does not allow. */
export function disksLack(): string | null {
  if (process.platform !== 'linux') return 'Linux'
  if (process.getuid?.() !== 0) return 'root, to mount file systems'
  if (!works('mkfs.ext4', '-V')) return 'mkfs.ext4 (apt-get install e2fsprogs)'
  const probe = mkdtempSync(join(tmpdir(), 'lanyard-probe-'))
  try {
    if (!works('mount', '-t', 'tmpfs', '-o', 'size=24m', 'probe', probe))
      return 'leave to mount a tmpfs (CAP_SYS_ADMIN)'
    try {
      const image = join(probe, 'disk')
      mkdirSync(join(probe, 'on'))
      run('truncate', '-s', '16M', image)
      run('mkfs.ext4', '-q', image)
      if (!works('mount', '-o', 'loop', image, join(probe, 'on')))
        return 'loop devices (/dev/loop-control)'
      run('umount', join(probe, 'on'))
      return null
    } finally {
      run('umount', probe)
    }
  } finally {
    rmSync(probe, { recursive: true })
  }
}
