import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/*
 * `npm start`: Lanyard in a window, on Electron where it is installed or can be downloaded,
 * otherwise on the stand-in in a visible Chromium.
 */

const { values } = parseArgs({
  options: { sandbox: { type: 'boolean', default: false }, data: { type: 'string' } },
})
const root = join(import.meta.dirname, '..')
const entry = join(root, values.sandbox ? 'test/sandbox/index.ts' : 'out/main/index.js')
// In the home folder: nobody else can have made it before, and keys may lie in it.
const data = values.data ?? join(homedir(), '.lanyard', values.sandbox ? 'sandbox' : 'trial')

/** The Electron binary; the package downloads it on first use and throws at once when offline. */
function electronBinary(): string | null {
  if (process.env['LANYARD_STAND_IN']) return null
  const probe = spawnSync(process.execPath, ['-p', "require('electron')"], {
    cwd: root,
    encoding: 'utf8',
    timeout: 180_000,
  })
  const path = probe.stdout?.trim().split('\n').at(-1) ?? ''
  return probe.status === 0 && existsSync(path) ? path : null
}

const electron = electronBinary()
if (electron) {
  const child = spawn(electron, [entry, `--user-data-dir=${data}`], { stdio: 'inherit', cwd: root })
  child.on('exit', (code) => process.exit(code ?? 1))
} else if (
  process.platform === 'linux' &&
  !process.env['DISPLAY'] &&
  !process.env['WAYLAND_DISPLAY']
) {
  process.stderr.write(
    'Lanyard needs a display to open a window, and none is set (DISPLAY, WAYLAND_DISPLAY).\n' +
      'Run it in a desktop session, or see the main job without a display: npm run demo\n',
  )
  process.exit(1)
} else {
  process.stdout.write('Electron is not installed; using the stand-in in a visible Chromium.\n')
  const { launchStandIn } = await import('../test/electron/launch.ts')
  try {
    const app = await launchStandIn({
      entry,
      userData: data,
      headless: false,
      size: { width: 1366, height: 768 },
    })
    process.on('SIGINT', () => void app.close())
    process.exit(await app.exited)
  } catch (cause) {
    process.stderr.write(
      `Lanyard could not open a window: ${cause instanceof Error ? cause.message : String(cause)}\n` +
        'Install a browser for the stand-in (Debian: apt-get install chromium), or Electron with network access.\n',
    )
    process.exit(1)
  }
}
