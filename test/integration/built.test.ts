import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const out = join(import.meta.dirname, '../../out')
const requires = /(?:^|[^.\w])require\(\s*["'`]([^"'`]+)["'`]\s*\)/g
const imports =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g

const found = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')

test('the built preload requires electron and nothing else', () => {
  const source = readFileSync(join(out, 'preload/shell.cjs'), 'utf8')
  expect(new Set(found(source, requires))).toEqual(new Set(['electron']))
})

test('the built main imports Node, electron, the native modules and its own chunks only', () => {
  const allowed = /^(electron$|node-hid$|pcsc-mini$|serialport$|keytar(\/|$)|\.\/)/
  const files = readdirSync(join(out, 'main')).filter((name) => name.endsWith('.js'))
  expect(files).toContain('index.js')
  for (const file of files) {
    const names = found(readFileSync(join(out, 'main', file), 'utf8'), imports)
    expect(
      names.filter((name) => !isBuiltin(name) && !allowed.test(name)),
      file,
    ).toEqual([])
  }
})

test('tests run on the Node that the project brings along', () => {
  expect(process.versions.node.split('.')[0]).toBe('24')
})
