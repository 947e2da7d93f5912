import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const manifestSchema = z.object({ version: z.string() })

/** Folder of package.json: two levels up, from main/cli in a checkout and from out/main alike. */
export const projectFolder = join(import.meta.dirname, '..', '..')

/** The product's version. */
export async function readVersion(): Promise<string> {
  const text = await readFile(join(projectFolder, 'package.json'), 'utf8')
  return manifestSchema.parse(JSON.parse(text)).version
}
