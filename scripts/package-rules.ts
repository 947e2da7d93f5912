import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { parseSync } from 'vite'

/** One file of an archive, with `/` between folders and none in front. */
export interface ArchivedFile {
  readonly path: string
  readonly size: number
  readonly unpacked: boolean
}

/** The archive's size that nothing but a mistake exceeds; unpacked native modules not counted. */
export const archiveBudget = 8 * 1024 * 1024

/** Everything that may be in the archive. What matches none of these is a mistake. */
const allowed: readonly RegExp[] = [
  /^package\.json$/,
  /^out\/main\/[\w.-]+\.js$/,
  /^out\/preload\/shell\.cjs$/,
  /^out\/renderer\/index\.html$/,
  /^out\/renderer\/assets\/[\w.-]+\.(js|css|woff2|svg|png|wav|mp3)$/,
  /^node_modules\/keytar\/(package\.json|LICENSE[\w.-]*|[\w-]+\.js)$/,
  /^node_modules\/@napi-rs\/keyring-[\w-]+\/(package\.json|LICENSE[\w.-]*|[\w.-]+\.node)$/,
  /^node_modules\/node-hid\/(package\.json|LICENSE[\w.-]*|nodehid\.js|binding-options\.js)$/,
  /^node_modules\/node-hid\/prebuilds\/HID[\w-]+\/node-napi-v\d+\.node$/,
  /^node_modules\/pcsc-mini\/(package\.json|LICENSE|build\/(index|client|reader|card|addon\.node)\.js)$/,
  /^node_modules\/@pcsc-mini\/(linux-x86_64-gnu|windows-x86_64-electron)\/(package\.json|LICENSE|addon\.node)$/,
  /^node_modules\/@serialport\/bindings-cpp\/prebuilds\/[\w-]+\/@serialport\+bindings-cpp(\.glibc)?\.node$/,
  // electron-builder nests as it sees fit what several of serialport's parts need.
  /^node_modules\/((serialport|@serialport\/[\w-]+)\/node_modules\/)?(serialport|@serialport\/[\w-]+)\/(package\.json|LICENSE|dist\/[\w-]+\.m?js)$/,
  /^node_modules\/((serialport|@serialport\/[\w-]+)\/node_modules\/)?debug\/(package\.json|LICENSE|src\/\w+\.js)$/,
  /^node_modules\/ms\/(package\.json|index\.js)$/,
  /^node_modules\/node-gyp-build\/(package\.json|LICENSE|index\.js|node-gyp-build\.js)$/,
  /^node_modules\/pkg-prebuilds\/(package\.json|LICENSE[\w.-]*|bindings\.js|lib\/prebuild\.js)$/,
]

const required: readonly RegExp[] = [
  /^package\.json$/,
  ...['index', 'agent', 'reader', 'polled-worker', 'authority', 'sqlite-worker'].map(
    (entry) => new RegExp(`^out/main/${entry}\\.js$`),
  ),
  /^out\/preload\/shell\.cjs$/,
  /^out\/renderer\/index\.html$/,
  /^node_modules\/keytar\/keytar\.js$/,
  /^node_modules\/node-hid\/nodehid\.js$/,
  /^node_modules\/node-hid\/prebuilds\/HID-.*\.node$/,
  /^node_modules\/pcsc-mini\/build\/index\.js$/,
  /^node_modules\/serialport\/dist\/index\.js$/,
  /^node_modules\/@serialport\/bindings-cpp\/prebuilds\/.*\.node$/,
]

/** How the paths of native modules name the system that they are for. */
const ofPlatform = { linux: /[-/]linux-/, win32: /[-/](win32|windows)-/ }

/** What is wrong with the content of an archive for `platform`, a sentence each. */
export function archiveProblems(
  files: readonly ArchivedFile[],
  platform: 'linux' | 'win32',
): readonly string[] {
  const problems = files
    .filter(({ path }) => !allowed.some((pattern) => pattern.test(path)))
    .map(({ path }) => `${path} must not be in the archive`)
  for (const pattern of required)
    if (!files.some(({ path }) => pattern.test(path)))
      problems.push(`nothing in the archive matches ${pattern.source}`)
  for (const { path, unpacked } of files) {
    if (!path.endsWith('.node')) continue
    if (!unpacked) problems.push(`${path} is inside the archive, where it cannot be loaded`)
    if (!ofPlatform[platform].test(path)) problems.push(`${path} is not for ${platform}`)
  }
  const size = files.reduce((sum, file) => sum + (file.unpacked ? 0 : file.size), 0)
  if (size > archiveBudget)
    problems.push(`the archive holds ${size} bytes, more than the ${archiveBudget} allowed`)
  return problems
}

/** What is wrong with the packaged package.json. */
export function manifestProblems(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const problems = ['devDependencies', 'scripts', 'build']
    .filter((key) => key in manifest)
    .map((key) => `the packaged package.json still has ${key}`)
  if (manifest['main'] !== 'out/main/index.js')
    problems.push(`main is ${String(manifest['main'])}, expected out/main/index.js`)
  return problems
}

/** The packages outside the bundles, besides Node's own and Electron. */
const runtimePackages = [
  'keytar',
  'keytar/keytar',
  'keytar/keytar.js',
  'node-hid',
  'pcsc-mini',
  'serialport',
]

/** What a file of out/main may not import. Relative imports must name a file in `siblings`. */
export function mainImportProblems(
  file: string,
  source: string,
  siblings: ReadonlySet<string>,
): readonly string[] {
  return imports(file, source)
    .filter((name) => {
      if (name.startsWith('./')) return !siblings.has(name.slice(2))
      return !isBuiltin(name) && name !== 'electron' && !runtimePackages.includes(name)
    })
    .map((name) => `${file} imports ${name}`)
}

/** A sandboxed preload can require Electron and nothing else. */
export function preloadImportProblems(file: string, source: string): readonly string[] {
  return imports(file, source)
    .filter((name) => name !== 'electron')
    .map((name) => `${file} requires ${name}; the sandbox offers electron only`)
}

/** Every script, style and font that the packaged page or one of its parts names must be there. */
export function rendererProblems(
  parts: ReadonlyMap<string, string>,
  archived: ReadonlySet<string>,
): readonly string[] {
  return [...parts].flatMap(([path, source]) =>
    references(path, source)
      .map((name) => posix.join(posix.dirname(path), name))
      .filter((target) => !archived.has(target))
      .map((target) => `${path} needs ${target}, which is not in the archive`),
  )
}

/** Relative references of a page, a script or a style sheet of the renderer. */
function references(path: string, source: string): readonly string[] {
  const found = path.endsWith('.js')
    ? imports(path, source)
    : [...source.matchAll(/(?:src|href)="([^"]+)"|url\(["']?([^"')]+)/g)].map(
        ([, attribute, url]) => attribute ?? url ?? '',
      )
  return found.filter((name) => !/^(data:|https?:|#)/.test(name))
}

/** A source map that carries sources would ship the whole program twice. */
export function sourceMapProblems(file: string, source: string): readonly string[] {
  return /[#@] sourceMappingURL=/.test(source) ? [`${file} refers to a source map`] : []
}

/** Every module that a bundle names in an import, an export, `import()` or `require()`. */
function imports(file: string, source: string): readonly string[] {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0)
    throw new Error(`${file} cannot be parsed: ${errors[0]?.message ?? 'unknown'}`)
  const names = new Set<string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const child of node) visit(child)
      return
    }
    if (!isNode(node)) return
    const named = moduleName(node)
    if (named !== null) names.add(named)
    for (const child of Object.values(node)) visit(child)
  }
  visit(program)
  return [...names].toSorted()
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

const literal = (node: unknown): string | null =>
  isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string'
    ? node['value']
    : null

function moduleName(node: Node): string | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
      return literal(node['source'])
    case 'CallExpression': {
      const { callee, arguments: values } = node
      const called = isNode(callee) && callee.type === 'Identifier' ? callee['name'] : null
      return called === 'require' || called === '__require'
        ? literal(Array.isArray(values) ? values[0] : null)
        : null
    }
    default:
      return null
  }
}
