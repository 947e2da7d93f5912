import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { VaultError } from './errors.ts'

const contentSchema = z.record(z.string(), z.string())

/** A small file of strings by name that its owner alone may read, replaced as a whole. */
export class JsonFile {
  readonly path: string
  /** Changes one after another, so that none undoes another. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.path = path
  }

  /** Null when there is no file. */
  async read(): Promise<Readonly<Record<string, string>> | null> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw unwritable(error)
    }
    const parsed = contentSchema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    throw new VaultError(
      'corrupt',
      'The file with the keys is damaged.',
      'Restore the data directory from the last backup.',
    )
  }

  change(edit: (content: Record<string, string>) => void): Promise<void> {
    const change = this.#after(this.#changing, edit)
    this.#changing = change.catch(() => {})
    return change
  }

  async #after(before: Promise<unknown>, edit: (content: Record<string, string>) => void) {
    await before
    const content = { ...(await this.read()) }
    edit(content)
    await this.#replace(`${JSON.stringify(content)}\n`)
  }

  async #replace(text: string): Promise<void> {
    const partial = `${this.path}.partial`
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
      const file = await open(partial, 'w', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(partial, this.path)
      await syncDirectory(dirname(this.path))
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {})
      throw unwritable(error)
    }
  }
}

/** Makes the rename itself durable; Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const unwritable = (cause: unknown) =>
  new VaultError(
    'unwritable',
    `The data directory cannot be used for keys: ${(cause as NodeJS.ErrnoException).code}.`,
    'Let the account that runs Lanyard read and write its data directory.',
    { cause },
  )
