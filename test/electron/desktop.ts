import type { Menu, Protocol, Screen } from 'electron'
import { Emitter } from './emitter.ts'
import { track, type Runtime } from './runtime.ts'
import { guarded, UnsupportedError } from './unsupported.ts'

/** The module `nativeTheme`; every page is told what it says. */
export class StandInNativeTheme extends Emitter {
  readonly #runtime: Runtime
  readonly #system: 'light' | 'dark'
  #source: 'system' | 'light' | 'dark' = 'system'

  constructor(runtime: Runtime) {
    super(['updated'])
    this.#runtime = runtime
    this.#system = runtime.options.colorScheme
  }

  get colorScheme(): 'light' | 'dark' {
    return this.#source === 'system' ? this.#system : this.#source
  }

  get shouldUseDarkColors(): boolean {
    return this.colorScheme === 'dark'
  }

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.#source
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    if (this.#source === source) return
    this.#source = source
    const { colorScheme } = this
    for (const webContents of this.#runtime.webContents.values())
      track(
        this.#runtime,
        webContents.page().then((page) => page.emulateMedia({ colorScheme })),
      )
    this.emit('updated')
  }
}

/** The module `Menu`: there is no menu bar, so only its removal is real. */
export const createMenu = (): Pick<typeof Menu, 'setApplicationMenu'> =>
  guarded('Menu', {
    setApplicationMenu: (menu: Menu | null) => {
      if (menu !== null) throw new UnsupportedError('Menu.setApplicationMenu with a menu')
    },
  })

/** The module `screen`: one display of the size that the launcher was given. */
export const createScreen = (runtime: Runtime): Pick<Screen, 'getPrimaryDisplay'> =>
  guarded('screen', {
    getPrimaryDisplay: () => {
      if (!runtime.ready)
        throw new Error("The 'screen' module can't be used before the app 'ready' event")
      const { size } = runtime.options
      const bounds = { x: 0, y: 0, ...size }
      return guarded('Display', {
        id: 1,
        bounds,
        workArea: bounds,
        size: { ...size },
        workAreaSize: { ...size },
        scaleFactor: 1,
      }) as unknown as Electron.Display
    },
  })

/** The part of the module `protocol` that concerns all sessions. */
export const createProtocolModule = (
  runtime: Runtime,
): Pick<Protocol, 'registerSchemesAsPrivileged'> =>
  guarded('protocol', {
    registerSchemesAsPrivileged: () => {
      if (runtime.ready)
        throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    },
  })
