import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { createImage } from './image.ts'
import { gatherIngredients, IngredientsMissing } from './ingredients.ts'

export interface GuestOptions {
  /** Of the suite, as in `npm run <name>`. */
  readonly name: string
  /** The guest's program, in TypeScript. */
  readonly main: string
  /** Words after the program's name. */
  readonly parameters: readonly string[]
}

export interface Guest {
  readonly kernel: string
  readonly image: string
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const repository = at('../../../..')
const cache = join(repository, 'node_modules', '.cache', 'lanyard-guest')

/** Makes a guest that can be booted. Null where that is not possible, after saying why. */
export async function prepareGuest({
  name,
  main,
  parameters,
}: GuestOptions): Promise<Guest | null> {
  const ingredients = gather(name)
  if (!ingredients) return null
  const file = name.replaceAll(':', '-')
  const programs = join(cache, `${file}-programs`)
  await bundle(programs, main)
  const image = join(cache, `${file}.cpio`)
  await mkdir(cache, { recursive: true })
  await writeFile(image, createImage({ ingredients, repository, programs, parameters }))
  return { kernel: ingredients.kernel, image }
}

function gather(name: string) {
  try {
    return gatherIngredients(cache)
  } catch (error) {
    if (!(error instanceof IngredientsMissing)) throw error
    console.log(`SKIPPED ${name}: ${error.message}`)
    return null
  }
}

/** The guest has Node and no TypeScript sources. */
async function bundle(outDir: string, main: string) {
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
        input: { main, 'parent-port': at('../guest/parent-port.ts') },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  })
}
