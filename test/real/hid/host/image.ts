import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createCpio, type CpioEntry } from './cpio.ts'
import type { Ingredients } from './ingredients.ts'
import { loadOrder } from './modules.ts'

export interface ImageOptions {
  readonly ingredients: Ingredients
  /** Of the working copy; its `out/main` must be built. */
  readonly repository: string
  /** The bundled programs of the guest. */
  readonly programs: string
  /** Words after the program's name in the guest. */
  readonly parameters: readonly string[]
}

const libraries = 'usr/lib/x86_64-linux-gnu'

/** The guest's root file system: Node, the built product with node-hid, busybox, three modules. */
export function createImage({
  ingredients: { root, modules },
  repository,
  programs,
  parameters,
}: ImageOptions): Buffer {
  const node = realpathSync(process.execPath)
  const hid = join(repository, 'node_modules', 'node-hid')
  const binding = readdirSync(join(hid, 'prebuilds')).find((name) =>
    /^HID_hidraw-linux-x64$/.test(name),
  )
  if (!binding) throw new Error(`No hidraw build of node-hid in ${hid}; run npm ci.`)
  const bindings = readdirSync(join(hid, 'prebuilds', binding)).map((name) =>
    join(hid, 'prebuilds', binding, name),
  )
  const files = new Map<string, { readonly from: string; readonly executable?: boolean }>([
    ['bin/busybox', { from: join(root, 'bin', 'busybox'), executable: true }],
    ['bin/node', { from: node, executable: true }],
    ...['nodehid.js', 'binding-options.js', 'package.json'].map(
      (name) => [`app/node_modules/node-hid/${name}`, { from: join(hid, name) }] as const,
    ),
    ...bindings.map(
      (from) => [`app/node_modules/node-hid/${from.slice(hid.length + 1)}`, { from }] as const,
    ),
    ...folder(join(repository, 'node_modules', 'pkg-prebuilds'), 'app/node_modules/pkg-prebuilds'),
    ...folder(join(repository, 'out', 'main'), 'app/out/main'),
    ...folder(programs, 'app/guest'),
    ...sharedLibraries([node, ...bindings], join(root, libraries)),
  ])
  const loaded = loadOrder(modules, ['hid', 'hid-generic', 'uhid'])
  const init = [
    '#!/bin/busybox sh',
    'export PATH=/bin NO_COLOR=1 HOME=/ UV_THREADPOOL_SIZE=16',
    'busybox mount -t proc proc /proc',
    'busybox mount -t sysfs sys /sys',
    'busybox mount -t devtmpfs dev /dev',
    ...loaded.map(({ name }) => `busybox insmod /modules/${name}.ko`),
    'cd /app',
    `node guest/main.js ${parameters.join(' ')}`,
    'echo "LANYARD-HID end"',
    'busybox poweroff -f',
    '',
  ].join('\n')

  const entries: CpioEntry[] = [
    ...[...files].map(([path, { from, executable = false }]) => ({
      type: 'file' as const,
      path,
      data: readFileSync(from),
      executable,
    })),
    ...loaded.map(({ name, data }) => ({
      type: 'file' as const,
      path: `modules/${name}.ko`,
      data,
    })),
    { type: 'file', path: 'init', data: Buffer.from(init), executable: true },
    {
      type: 'file',
      path: 'app/package.json',
      data: Buffer.from('{ "name": "guest", "type": "module", "private": true }\n'),
    },
    { type: 'character-device', path: 'dev/console', major: 5, minor: 1 },
  ]
  const directories = new Set(['proc', 'sys', 'dev', 'tmp'])
  for (const { path } of entries) {
    for (let up = dirname(path); up !== '.'; up = dirname(up)) directories.add(up)
  }
  return createCpio([
    ...[...directories].toSorted().map((path) => ({ type: 'directory' as const, path })),
    ...entries,
  ])
}

/** What the dynamic linker would load for `binaries`, found in `extra` before the system's own. */
function sharedLibraries(binaries: readonly string[], extra: string) {
  const listing = execFileSync('ldd', binaries, {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: extra },
  })
  const missing = /^\s*(\S+) => not found/m.exec(listing)?.[1]
  if (missing) throw new Error(`${missing} is needed by the guest and was not found.`)
  const found = [...listing.matchAll(/^\s*(?:(\S+) => )?(\/\S+) \(0x/gm)]
  return found.map(([, name, path = '']) => {
    // The loader is asked for by its full path, the others by name.
    const target = name ? `lib/x86_64-linux-gnu/${name}` : path.slice(1)
    return [target, { from: realpathSync(path), executable: true }] as const
  })
}

function folder(from: string, to: string) {
  return readdirSync(from, { recursive: true, encoding: 'utf8' })
    .map((name) => [`${to}/${name}`, { from: join(from, name) }] as const)
    .filter(([, { from: file }]) => statSync(file).isFile())
}
