import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import type { AfterPackContext } from 'electron-builder'

type Context = Pick<AfterPackContext, 'packager' | 'appOutDir' | 'electronPlatformName'>
type Fuses = NonNullable<AfterPackContext['packager']['config']['electronFuses']>

/** electron-builder's `afterPack`: what must be true of every package before it is signed. */
export async function afterPack(context: AfterPackContext): Promise<void> {
  await requireNativeModules(context)
  await setFuses(context)
}

/**
 * Sets every fuse of the Electron binary: the values of `electronFuses` in electron-builder.yml,
 * plus WasmTrapHandlers, for which electron-builder has no key. Strict: a fuse that a later
 * Electron adds, or that the configuration leaves out, stops the build here.
 */
export async function setFuses({
  packager,
  appOutDir,
  electronPlatformName,
}: Context): Promise<void> {
  const fuses = packager.config.electronFuses
  if (!fuses) throw new Error('electron-builder.yml sets no electronFuses; restore them')
  const fuse = (name: Extract<keyof Fuses, string>): boolean => {
    const value = fuses[name]
    if (typeof value !== 'boolean')
      throw new Error(`electronFuses.${name}: got ${String(value)}, expected true or false`)
    return value
  }
  const executable =
    electronPlatformName === 'win32'
      ? `${packager.appInfo.productFilename}.exe`
      : (packager.config.linux?.executableName ?? packager.appInfo.productFilename)
  await flipFuses(join(appOutDir, executable), {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: fuse('resetAdHocDarwinSignature'),
    [FuseV1Options.RunAsNode]: fuse('runAsNode'),
    [FuseV1Options.EnableCookieEncryption]: fuse('enableCookieEncryption'),
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: fuse(
      'enableNodeOptionsEnvironmentVariable',
    ),
    [FuseV1Options.EnableNodeCliInspectArguments]: fuse('enableNodeCliInspectArguments'),
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: fuse(
      'enableEmbeddedAsarIntegrityValidation',
    ),
    [FuseV1Options.OnlyLoadAppFromAsar]: fuse('onlyLoadAppFromAsar'),
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: fuse(
      'loadBrowserProcessSpecificV8Snapshot',
    ),
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: fuse('grantFileProtocolExtraPrivileges'),
    // Bounds checks of WebAssembly by the memory unit, which is Electron's default too.
    [FuseV1Options.WasmTrapHandlers]: true,
  })
}

/**
 * npm installs native modules for the machine it runs on. Packaging for another platform without
 * them would build an agent that keeps no keys, so it stops here.
 */
async function requireNativeModules({ appOutDir, electronPlatformName }: Context): Promise<void> {
  const unpacked = join(appOutDir, 'resources', 'app.asar.unpacked', 'node_modules')
  const files = await readdir(unpacked, { recursive: true })
  for (const [module, pattern] of [
    ['keytar', new RegExp(`keyring\\.${electronPlatformName}-.*\\.node$`)],
    ['node-hid', new RegExp(`HID-${electronPlatformName}-[^/\\\\]*[/\\\\].*\\.node$`)],
    ['pcsc-mini', electronPlatformName === 'win32' ? /windows-\w+-electron/ : /pcsc-mini.linux-/],
    ['serialport', new RegExp(`bindings-cpp.prebuilds.${electronPlatformName}-.*\\.node$`)],
  ] as const)
    if (!files.some((file) => pattern.test(file)))
      throw new Error(
        `${module} has no native module for ${electronPlatformName} in node_modules; ` +
          `install for the target first: npm ci --os=${electronPlatformName} --cpu=x64`,
      )
}
