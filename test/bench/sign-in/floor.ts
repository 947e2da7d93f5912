import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** CPU of one P-256 verification with a key that is ready, µs: no sign-in can cost less. */
export const measureFloor = (): number =>
  Number(
    execFileSync('taskset', ['-c', '0', process.execPath, join(import.meta.dirname, 'verify.ts')], {
      encoding: 'utf8',
    }),
  )
