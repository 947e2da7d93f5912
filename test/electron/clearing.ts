/** What one of the `clear...` calls of a session removes. */
export interface Clearing {
  readonly allCookies: boolean
  readonly httpCache: boolean
  /** Chromium's names, for `Storage.clearDataForOrigin`. */
  readonly storageTypes: readonly string[]
  concerns(origin: string): boolean
}

const everywhere = () => true

const dataTypes: Readonly<Record<string, string>> = {
  cookies: 'cookies',
  fileSystems: 'file_systems',
  indexedDB: 'indexeddb',
  localStorage: 'local_storage',
  serviceWorkers: 'service_workers',
  cache: 'cache_storage',
  webSQL: 'websql',
}

const storages: Readonly<Record<string, string>> = {
  cookies: 'cookies',
  filesystem: 'file_systems',
  indexdb: 'indexeddb',
  localstorage: 'local_storage',
  shadercache: 'shader_cache',
  serviceworkers: 'service_workers',
  cachestorage: 'cache_storage',
}

const translate = (names: readonly string[], table: Readonly<Record<string, string>>) =>
  names.flatMap((name) => table[name] ?? [])

export const clearings = {
  data: (options: Electron.ClearDataOptions = {}): Clearing => {
    const { dataTypes: wanted, origins, excludeOrigins } = options
    if (origins !== undefined && excludeOrigins !== undefined)
      throw new TypeError("Cannot specify both 'origins' and 'excludeOrigins'")
    const everyOrigin = origins === undefined && excludeOrigins === undefined
    return {
      allCookies: everyOrigin && (wanted?.includes('cookies') ?? true),
      httpCache: wanted?.includes('cache') ?? true,
      storageTypes: wanted === undefined ? ['all'] : translate(wanted, dataTypes),
      concerns: (origin) =>
        (origins?.includes(origin) ?? true) && !(excludeOrigins?.includes(origin) ?? false),
    }
  },
  storageData: (options: Electron.ClearStorageDataOptions = {}): Clearing => {
    const { storages: wanted, origin: only } = options
    return {
      allCookies: only === undefined && (wanted?.includes('cookies') ?? true),
      httpCache: false,
      storageTypes: wanted === undefined ? ['all'] : translate(wanted, storages),
      concerns: only === undefined ? everywhere : (origin) => origin === new URL(only).origin,
    }
  },
  cache: {
    allCookies: false,
    httpCache: true,
    storageTypes: [],
    concerns: everywhere,
  } satisfies Clearing as Clearing,
}
