import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'

/** Where a Chromium comes from, in the order in which they are tried. */
export type ChromiumSource = 'environment' | 'system' | 'npm'

export interface Chromium {
  readonly source: ChromiumSource
  readonly executable: string
  /** What its process needs besides ours: its own libraries and fonts. */
  readonly env: Readonly<Record<string, string>>
}

const systemChromium = '/usr/bin/chromium'

/** The first Chromium that this machine has. The one from npm is unpacked once per version. */
export const findChromium = async (only?: ChromiumSource): Promise<Chromium> => {
  const wanted = (source: ChromiumSource) => only === undefined || only === source
  const given = process.env['CHROMIUM_PATH']
  if (wanted('environment') && given !== undefined && given !== '') {
    if (!existsSync(given))
      throw new Error(`$CHROMIUM_PATH names ${given}, which does not exist. Correct or unset it.`)
    return { source: 'environment', executable: given, env: {} }
  }
  if (wanted('system') && existsSync(systemChromium))
    return { source: 'system', executable: systemChromium, env: {} }
  if (wanted('npm')) {
    const folder = await unpackFromNpm()
    return {
      source: 'npm',
      executable: join(folder, 'chromium'),
      env: {
        LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
        FONTCONFIG_FILE: await writeFontConfiguration(folder),
      },
    }
  }
  throw new Error(`There is no Chromium from the source '${only ?? 'any'}' on this machine.`)
}

/**
 * Unpacks `@sparticuz/chromium` below `node_modules/.cache`. Its own default is a shared folder of
 * the system that is reused when present: stale after an upgrade, and anyone may plant it.
 */
const unpackFromNpm = async (): Promise<string> => {
  const entry = import.meta.resolve('@sparticuz/chromium')
  const home = dirname(dirname(fileURLToPath(entry)))
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
    version: string
  }
  const cache = join(dirname(dirname(home)), '.cache')
  const folder = join(cache, `chromium-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const fresh = await mkdtemp(`${folder}.`)
  // In a process of its own: the package takes its target from TMPDIR only.
  const script =
    `const { inflate } = await import(${JSON.stringify(entry)});` +
    `await Promise.all(['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']` +
    `.map((name) => inflate(${JSON.stringify(`${join(home, 'bin')}/`)} + name)))`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: fresh },
  })
  // Another process may have been faster; both have unpacked the same bytes.
  await rename(fresh, folder).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  })
  return folder
}

/** The package's own configuration looks for its fonts in fixed folders of the system. */
const writeFontConfiguration = async (folder: string): Promise<string> => {
  const file = join(folder, 'stand-in-fonts.conf')
  const text =
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">' +
    `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>\n`
  if (!existsSync(file)) await writeFile(file, text)
  return file
}

const switches = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // One process per page keeps every frame within the page's own protocol session.
  '--disable-site-isolation-trials',
]

/**
 * Starts a Chromium with an empty profile. Playwright adds `--no-sandbox`: root has no other choice,
 * and the Chromium from npm comes without its sandbox helper.
 */
export const launchChromium = async (options: {
  readonly headless: boolean
  readonly source?: ChromiumSource
  readonly args?: readonly string[]
}): Promise<Browser> => {
  const found = await findChromium(options.source)
  return await chromium.launch({
    executablePath: found.executable,
    headless: options.headless,
    chromiumSandbox: false,
    handleSIGINT: false,
    env: { ...inherited(), ...found.env },
    args: [...switches, ...(options.args ?? [])],
  })
}

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )

/** For code that needs a file URL of a path or has one already. */
export const toFileUrl = (entry: string): URL =>
  entry.startsWith('file:') ? new URL(entry) : pathToFileURL(entry)
