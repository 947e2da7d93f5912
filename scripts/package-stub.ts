import { createPackage } from '@electron/asar'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'

/** Marks the fuse wire in an Electron binary; version 1, nine fuses, all as a fresh build has them. */
const fuseWire = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009101100011', 'latin1')

/**
 * Writes what electron-builder needs of an unpacked Electron, without Electron: the files it copies
 * and edits, a fuse wire, and for Windows an executable with a version resource. Nothing in it runs.
 *
 * @param folder is created; its former content is lost.
 */
export async function writeElectronStub({
  folder,
  platform,
  version,
}: {
  readonly folder: string
  readonly platform: 'linux' | 'win32'
  readonly version: string
}): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'locales'), { recursive: true })
  await mkdir(join(folder, 'resources'), { recursive: true })
  await writeFile(join(folder, 'version'), version)
  await writeFile(join(folder, 'LICENSE'), 'stub\n')
  await writeFile(join(folder, 'LICENSES.chromium.html'), '<p>stub</p>\n')
  for (const locale of ['en-US', 'de', 'fr'])
    await writeFile(join(folder, 'locales', `${locale}.pak`), '')
  await writeDefaultApp(join(folder, 'resources', 'default_app.asar'))
  if (platform === 'win32') {
    await writeFile(join(folder, 'electron.exe'), windowsExecutable())
    return
  }
  const script = Buffer.from('#!/bin/sh\necho "This is a stub of Electron" >&2\nexit 1\n#')
  await writeFile(join(folder, 'electron'), Buffer.concat([script, fuseWire]), { mode: 0o755 })
  await writeFile(join(folder, 'chrome-sandbox'), '', { mode: 0o755 })
}

async function writeDefaultApp(path: string): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), 'lanyard-stub-'))
  try {
    await writeFile(join(source, 'package.json'), '{"name":"default-app"}\n')
    await createPackage(source, path)
  } finally {
    await rm(source, { recursive: true, force: true })
  }
}

/** A PE file with a version resource in one language, and the fuse wire behind its last section. */
function windowsExecutable(): Uint8Array {
  const executable = NtExecutable.createEmpty(false, false)
  executable.setExtraData(fuseWire)
  const resources = NtExecutableResource.from(executable)
  const info = Resource.VersionInfo.createEmpty()
  info.setStringValues({ lang: 0x0409, codepage: 1200 }, { ProductName: 'Stub of Electron' })
  info.outputToResourceEntries(resources.entries)
  resources.outputResource(executable)
  return new Uint8Array(executable.generate())
}
