import { createRequire, registerHooks } from 'node:module'

/*
 * Maps the bare specifier `electron` to the stand-in of one launch. The entry is imported with
 * `?standin=<launch>`, which every module that it imports inherits (outside node_modules), so each
 * launch has a module graph and an `electron` of its own.
 */

const registryName = 'lanyard.stand-in'
const registryKey = Symbol.for(registryName)
const virtual = new URL('electron.virtual', import.meta.url).href
const specifiers = new Set(['electron', 'electron/main', 'electron/common'])

type Modules = Map<string, Readonly<Record<string, unknown>>>

const modules = (): Modules => {
  const scope = globalThis as unknown as Record<symbol, Modules | undefined>
  const known = scope[registryKey]
  if (known !== undefined) return known
  const fresh: Modules = new Map()
  scope[registryKey] = fresh
  hook(fresh)
  return fresh
}

const launchOf = (url: string | undefined): string | null =>
  url === undefined || !url.includes('standin=') ? null : new URL(url).searchParams.get('standin')

const hook = (known: Modules): void => {
  registerHooks({
    resolve: (specifier, context, next) => {
      const launch = launchOf(context.parentURL)
      const isImport = context.conditions.includes('import')
      if (specifiers.has(specifier)) {
        const target = launch ?? [...known.keys()].at(-1)
        if (target === undefined) return next(specifier, context)
        return {
          url: `${virtual}?standin=${target}`,
          format: isImport ? 'module' : 'commonjs',
          shortCircuit: true,
        }
      }
      const resolved = next(specifier, context)
      const inherits =
        launch !== null &&
        isImport &&
        resolved.url.startsWith('file:') &&
        !resolved.url.includes('/node_modules/') &&
        !resolved.url.includes('?')
      return inherits ? { ...resolved, url: `${resolved.url}?standin=${launch}` } : resolved
    },
    load: (url, context, next) => {
      if (!url.startsWith(virtual)) return next(url, context)
      const registry = `globalThis[Symbol.for('${registryName}')]`
      // `require` resolves and loads once for all launches, so it gets whichever is the last.
      if (context.format === 'commonjs') {
        const last = `[...${registry}.values()].at(-1)`
        const source = `module.exports = new Proxy({}, { get: (_, name) => ${last}[name] })`
        return { format: 'commonjs', source, shortCircuit: true }
      }
      const launch = launchOf(url) ?? ''
      const names = Object.keys(known.get(launch) ?? {}).join(', ')
      const source = `const electron = ${registry}.get('${launch}')
        export const { ${names} } = electron
        export default electron`
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

/** Makes `electron` the module of `launch`. Undone by `unregister`. */
export const register = (launch: string, electron: Readonly<Record<string, unknown>>): void => {
  modules().set(launch, electron)
}

export const unregister = (launch: string): void => {
  modules().delete(launch)
}

const nativeImport = createRequire(import.meta.url)('./native-import.cjs') as (
  url: string,
) => Promise<unknown>

export const importForLaunch = async (launch: string, entry: URL): Promise<unknown> => {
  const url = new URL(entry)
  url.searchParams.set('standin', launch)
  return await nativeImport(url.href)
}
