/*
 * `npm run test:hid`: builds a small Linux, boots it once under QEMU, and runs the built reader
 * process in it against virtual readers of the kernel. Exit 1 when a case fails.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { settings } from '../../../../main/policy/settings.ts'
import { createImage } from './image.ts'
import { gatherIngredients, IngredientsMissing } from './ingredients.ts'
import { boot } from './qemu.ts'
import { createReport } from './report.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const repository = at('../../../..')
const cache = join(repository, 'node_modules', '.cache', 'lanyard-guest')
const idleSeconds = 20
/** About twice what it takes. */
const limitMs = 200_000

async function main(): Promise<number> {
  const ingredients = gather()
  if (!ingredients) return 0
  const programs = join(cache, 'programs')
  await bundle(programs)
  const image = join(cache, 'initrd.cpio')
  const parameters = [String(settings['tap.poll'].default), String(idleSeconds)]
  await mkdir(cache, { recursive: true })
  await writeFile(image, createImage({ ingredients, repository, programs, parameters }))

  const report = createReport()
  const { ms, timedOut, stderr } = await boot({
    kernel: ingredients.kernel,
    image,
    limitMs,
    line: (text) => report.line(text),
  })
  console.log(report.table({ ms, timedOut }))
  if (stderr) console.log(stderr)
  return report.passed ? 0 : 1
}

function gather() {
  try {
    return gatherIngredients(cache)
  } catch (error) {
    if (!(error instanceof IngredientsMissing)) throw error
    console.log(`SKIPPED test:hid: ${error.message}`)
    return null
  }
}

/** The guest has Node and no TypeScript sources. */
async function bundle(outDir: string) {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: repository,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      rolldownOptions: {
        external: ['node-hid', /^node:/, /^\/app\//],
        input: { main: at('../guest/main.ts'), 'parent-port': at('../guest/parent-port.ts') },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  })
}

process.exitCode = await main()
