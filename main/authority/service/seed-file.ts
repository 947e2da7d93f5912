import { readFile } from 'node:fs/promises'
import { ConfigError, parseYaml } from './read-config.ts'
import { type HouseSeed, houseSeedSchema } from './seed-schema.ts'

/** Rejects with `ConfigError`, which names places and never what stands there: these are people. */
export async function readSeed(path: string): Promise<HouseSeed> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(path, [`It cannot be read (${cause.code}).`], { cause })
  })
  return parseYaml(text, path, houseSeedSchema, () => false)
}
