import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's packages of which the guest is made; unpacked, never installed. */
const packages = ['busybox-static', 'libusb-1.0-0', 'libudev1'] as const

export interface Ingredients {
  /** The packages' files. */
  readonly root: string
  readonly kernel: string
  /** Of the kernel's modules. */
  readonly modules: string
}

/** Expected on machines without the package source or the network: a reason to skip, not a fault. */
export class IngredientsMissing extends Error {
  readonly code = 'ingredients-missing'
}

/**
 * Fetches the current cloud kernel and its companions into `cache`, once per version. Throws
 * IngredientsMissing with what is missing.
 */
export function gatherIngredients(cache: string): Ingredients {
  const names = [cloudKernel(), ...packages]
  const root = join(cache, names[0] ?? '')
  if (!existsSync(root)) {
    const debs = `${root}.debs`
    const part = `${root}.part`
    for (const directory of [debs, part]) {
      rmSync(directory, { recursive: true, force: true })
      mkdirSync(directory, { recursive: true })
    }
    attempt(`apt-get download ${names.join(' ')}`, 'apt-get', ['download', ...names], debs)
    for (const deb of readdirSync(debs)) {
      attempt(`unpack ${deb}`, 'dpkg', ['-x', join(debs, deb), part], debs)
    }
    rmSync(debs, { recursive: true })
    renameSync(part, root)
  }
  const [release] = readdirSync(join(root, 'lib', 'modules'))
  if (!release) throw new IngredientsMissing(`no kernel modules in ${root}; delete it`)
  return {
    root,
    kernel: join(root, 'boot', `vmlinuz-${release}`),
    modules: join(root, 'lib', 'modules', release),
  }
}

/** The package behind Debian's `linux-image-cloud-amd64`; its name changes with each version. */
function cloudKernel(): string {
  const depends = attempt('read the package lists', 'apt-cache', [
    'depends',
    'linux-image-cloud-amd64',
  ])
  const found = /Depends: (linux-image-\S+-cloud-amd64)/.exec(depends)?.[1]
  if (found) return found
  throw new IngredientsMissing(
    'the package linux-image-cloud-amd64 in the package lists (Debian on amd64, apt-get update)',
  )
}

function attempt(what: string, program: string, parameters: readonly string[], cwd?: string) {
  try {
    return execFileSync(program, parameters, {
      encoding: 'utf8',
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
  } catch (error) {
    const text =
      error instanceof Error && 'stderr' in error && String(error.stderr).trim() !== ''
        ? String(error.stderr).trim().split('\n').at(-1)
        : String(error)
    throw new IngredientsMissing(`${what}: ${text}`, { cause: error })
  }
}
