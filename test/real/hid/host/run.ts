/*
 * `npm run test:hid`: builds a small Linux, boots it once under QEMU, and runs the built reader
 * process in it against virtual readers of the kernel. Exit 1 when a case fails.
 */
import { fileURLToPath } from 'node:url'
import { prepareGuest } from './prepare.ts'
import { boot } from './qemu.ts'
import { createReport } from './report.ts'

/** About twice what it takes. */
const limitMs = 240_000

async function main(): Promise<number> {
  const guest = await prepareGuest({
    name: 'test:hid',
    main: fileURLToPath(new URL('../guest/main.ts', import.meta.url)),
    parameters: [],
  })
  if (!guest) return 0
  const report = createReport()
  const { ms, timedOut, stderr } = await boot({
    ...guest,
    limitMs,
    line: (text) => report.line(text),
  })
  console.log(report.table({ ms, timedOut }))
  if (stderr) console.log(stderr)
  return report.passed ? 0 : 1
}

process.exitCode = await main()
