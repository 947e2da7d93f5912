import type { BaseWindowConstructorOptions, WebContentsViewConstructorOptions } from 'electron'
import { StandInBaseWindow } from './base-window.ts'
import {
  createMenu,
  createProtocolModule,
  createScreen,
  type StandInNativeTheme,
} from './desktop.ts'
import { createNet } from './net.ts'
import { StandInPowerMonitor } from './power-monitor.ts'
import type { Runtime } from './runtime.ts'
import { createSafeStorage } from './safe-storage.ts'
import { createSessionModule } from './session.ts'
import { createUtilityProcessModule } from './utility-process.ts'
import { guarded } from './unsupported.ts'
import { StandInView, StandInWebContentsView } from './view.ts'

/** The module `electron` of one launch. */
export const createElectron = (runtime: Runtime, nativeTheme: StandInNativeTheme) => {
  const { fromPartition, ...rest } = createSessionModuleParts(runtime)
  class BaseWindow extends StandInBaseWindow {
    constructor(options?: BaseWindowConstructorOptions) {
      super(runtime, options)
    }
  }
  class WebContentsView extends StandInWebContentsView {
    constructor(options?: WebContentsViewConstructorOptions) {
      super(runtime, fromPartition, options?.webPreferences)
    }
  }
  return guarded('electron', {
    app: runtime.app,
    BaseWindow,
    ipcMain: runtime.ipcMain,
    Menu: createMenu(),
    nativeTheme,
    net: createNet(runtime),
    powerMonitor: new StandInPowerMonitor(runtime),
    protocol: createProtocolModule(runtime),
    safeStorage: createSafeStorage(runtime),
    screen: createScreen(runtime),
    session: rest.module,
    utilityProcess: createUtilityProcessModule(runtime),
    View: StandInView,
    WebContentsView,
  })
}

const createSessionModuleParts = (runtime: Runtime) => {
  const module = createSessionModule(runtime)
  return { module: guarded('session', module), fromPartition: module.fromPartition }
}

export type StandInElectron = ReturnType<typeof createElectron>
