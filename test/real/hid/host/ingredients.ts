import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Debian's packages of which the guest is made; unpacked, never installed. */
const packages = ['busybox-static', 'libusb-1.0-0', 'libudev1'] as const

export interface Ingredients {
  /** The packages' files. */
  readonly root: string
  readonly kernel: string
  /** Of the kernel's modules. */
  readonly modules: string
}

/**
 * Expected on machines without the package source or the network: a reason to skip, not a fault. Its
 * message says what is missing.
 */
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
  if (!existsSync(root)) fetchPackages(names, root)
  const [release] = readdirSync(join(root, 'lib', 'modules'))
  if (!release) throw new IngredientsMissing(`${root} has no kernel modules; delete it`)
  return {
    root,
    kernel: join(root, 'boot', `vmlinuz-${release}`),
    modules: join(root, 'lib', 'modules', release),
  }
}

/** All or nothing; packages of other kernels go, as their versions do not come back. */
function fetchPackages(names: readonly string[], root: string) {
  const cache = dirname(root)
  const old = existsSync(cache) ? readdirSync(cache) : []
  const debs = `${root}.debs`
  const part = `${root}.part`
  mkdirSync(debs, { recursive: true })
  mkdirSync(part, { recursive: true })
  try {
    attempt(`apt-get download ${names.join(' ')}`, 'apt-get', ['download', ...names], debs)
    for (const deb of readdirSync(debs)) {
      attempt(`dpkg -x ${deb}`, 'dpkg', ['-x', join(debs, deb), part], debs)
    }
    renameSync(part, root)
    for (const name of old) rmSync(join(cache, name), { recursive: true, force: true })
  } finally {
    for (const directory of [debs, part]) rmSync(directory, { recursive: true, force: true })
  }
}

/** The package behind Debian's `linux-image-cloud-amd64`; its name changes with each version. */
function cloudKernel(): string {
  const depends = attempt('apt-cache depends linux-image-cloud-amd64', 'apt-cache', [
    'depends',
    'linux-image-cloud-amd64',
  ])
  const found = /Depends: (linux-image-\S+-cloud-amd64)/.exec(depends)?.[1]
  if (found) return found
  throw new IngredientsMissing(
    'the package lists have no linux-image-cloud-amd64; on Debian: apt-get update',
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
        : 'it says nothing; apt-get update may help'
    throw new IngredientsMissing(`"${what}" failed: ${text}`, { cause: error })
  }
}
