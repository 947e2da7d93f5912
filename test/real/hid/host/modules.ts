import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface KernelModule {
  readonly name: string
  readonly data: Buffer
}

/**
 * The modules `wanted` and what they depend on, in the order in which they must be loaded; without
 * those that the kernel has built in. Throws when one is neither there nor built in.
 */
export function loadOrder(directory: string, wanted: readonly string[]): readonly KernelModule[] {
  const files = new Map(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.ko(\.xz)?$/.test(file))
      .map((file) => [moduleName(file), join(directory, file)]),
  )
  const builtIn = new Set(
    readFileSync(join(directory, 'modules.builtin'), 'utf8').split('\n').map(moduleName),
  )
  const order = new Map<string, KernelModule>()

  function add(name: string) {
    if (order.has(name)) return
    const file = files.get(name)
    if (!file) {
      if (builtIn.has(name)) return
      throw new Error(`The kernel in ${directory} has no module ${name}, and has it not built in.`)
    }
    const data = file.endsWith('.xz')
      ? execFileSync('xz', ['-dc', file], { maxBuffer: 64 << 20 })
      : readFileSync(file)
    for (const needed of dependencies(data)) add(needed)
    order.set(name, { name, data })
  }

  for (const name of wanted) add(moduleName(name))
  return [...order.values()]
}

/** Names in files and in `depends` differ in dashes only. */
const moduleName = (file: string): string =>
  basename(file)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_')

/** What the section .modinfo of a module says it depends on. */
export function dependencies(module: Buffer): readonly string[] {
  const key = '\0depends='
  const at = module.indexOf(key)
  if (at < 0) return []
  const from = at + key.length
  const list = module.subarray(from, module.indexOf(0, from)).toString('latin1')
  return list === '' ? [] : list.split(',').map(moduleName)
}
