import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Files below a folder, without those that are left out by name, in which one of these stands in clear. */
export async function clearTextIn(
  folder: string,
  secrets: Readonly<Record<string, RegExp>>,
  leftOut: readonly string[] = [],
): Promise<{ readonly files: number; readonly found: readonly string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !leftOut.includes(entry.name))
  const found: string[] = []
  for (const { parentPath, name } of files) {
    // One of the browser's own may have gone meanwhile.
    const bytes = await readFile(join(parentPath, name)).catch(() => Buffer.alloc(0))
    const texts = [
      bytes.toString('latin1'),
      bytes.toString('utf16le'),
      bytes.toString('utf16le', 1),
    ]
    for (const text of texts) {
      for (const [what, pattern] of Object.entries(secrets))
        if (pattern.test(text)) found.push(`${what} in ${name}`)
    }
  }
  return { files: files.length, found }
}
