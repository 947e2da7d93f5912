import { join } from 'node:path'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import type { AfterPackContext } from 'electron-builder'

type Fuses = NonNullable<AfterPackContext['packager']['config']['electronFuses']>

/**
 * electron-builder's `afterPack`: sets every fuse of the Electron binary, before it is signed.
 *
 * The values are those of `electronFuses` in electron-builder.yml, plus WasmTrapHandlers, for which
 * electron-builder has no key. Strict: a fuse that a later Electron adds, or that the configuration
 * leaves out, stops the build here.
 */
export async function afterPack({
  packager,
  appOutDir,
  electronPlatformName,
}: AfterPackContext): Promise<void> {
  const fuses = packager.config.electronFuses
  if (!fuses) throw new Error('electron-builder.yml sets no electronFuses; restore them')
  const name =
    electronPlatformName === 'win32'
      ? `${packager.appInfo.productFilename}.exe`
      : (packager.config.linux?.executableName ?? packager.appInfo.productFilename)
  await flipFuses(join(appOutDir, name), {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: false,
    [FuseV1Options.RunAsNode]: required(fuses, 'runAsNode'),
    [FuseV1Options.EnableCookieEncryption]: required(fuses, 'enableCookieEncryption'),
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: required(
      fuses,
      'enableNodeOptionsEnvironmentVariable',
    ),
    [FuseV1Options.EnableNodeCliInspectArguments]: required(fuses, 'enableNodeCliInspectArguments'),
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: required(
      fuses,
      'enableEmbeddedAsarIntegrityValidation',
    ),
    [FuseV1Options.OnlyLoadAppFromAsar]: required(fuses, 'onlyLoadAppFromAsar'),
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: required(
      fuses,
      'loadBrowserProcessSpecificV8Snapshot',
    ),
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: required(
      fuses,
      'grantFileProtocolExtraPrivileges',
    ),
    // WebAssembly bounds checks by the memory unit; without them it is slower and no safer.
    [FuseV1Options.WasmTrapHandlers]: true,
  })
}

function required(fuses: Fuses, name: Extract<keyof Fuses, string>): boolean {
  const value = fuses[name]
  if (typeof value !== 'boolean')
    throw new Error(`electronFuses.${name}: got ${String(value)}, expected true or false`)
  return value
}
