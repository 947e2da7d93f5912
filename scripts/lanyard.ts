import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/* `npm run lanyard -- <command>`: the command line of a checkout, built first where it is not yet. */

const root = join(import.meta.dirname, '..')
const program = join(root, 'out/main/lanyard.js')

if (!existsSync(program)) {
  // Its standard output is for the command alone.
  const built = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', process.stderr, 'inherit'],
    shell: process.platform === 'win32',
  })
  if (built.status !== 0) {
    process.stderr.write('The command line could not be built. Run "npm ci", then try again.\n')
    process.exit(2)
  }
}
const run = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(run.status ?? 2)
