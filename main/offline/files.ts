import { open, readFile } from 'node:fs/promises'
import { StoreError } from '../store/port.ts'

/** Null when there is no such file; rejects with `StoreError` when it cannot be read. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw storeErrorOf(error)
  }
}

/** Makes names in a folder durable; Windows has no such call and needs none. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r').catch(() => null)
  await directory?.sync().catch(() => {})
  await directory?.close()
}

/** What the disk said, as the storage port says it. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new StoreError(
      'full',
      'The disk that holds the journal is full.',
      'Free space on the disk that holds the data directory; nothing needs to be restarted.',
      { cause: error },
    )
  return new StoreError(
    code === 'EACCES' || code === 'EROFS' || code === 'EPERM' ? 'unwritable' : 'io',
    `The journal cannot be written: ${code}.`,
    'Check the disk that holds the data directory, then restart Lanyard.',
    { cause: error },
  )
}
