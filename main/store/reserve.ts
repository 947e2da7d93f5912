import { randomBytes } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'

/** Enough for about a hundred emergency accesses with their records, in bytes. */
const reserveBytes = 2 * 1024 * 1024

const reservePath = (databasePath: string) => `${databasePath}.reserve`

/**
 * Keeps space beside the database for emergency access: when the disk is full, everything else has
 * stopped and `releaseReserve` gives this space to the database. False when there is no room for it
 * now; then the disk is full already and the next call may do better.
 */
export async function holdReserve(databasePath: string): Promise<boolean> {
  const path = reservePath(databasePath)
  const held = await stat(path).catch(() => null)
  if (held?.size === reserveBytes) return true
  try {
    const file = await open(path, 'w', 0o600)
    try {
      // Random, because a file system that compresses would keep no space for zeros.
      await file.writeFile(randomBytes(reserveBytes))
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch {
    await rm(path, { force: true })
    return false
  }
}

/**
 * Frees the reserved space, for emergency access only; resolves to whether there was any. Call
 * `holdReserve` again once there is room.
 */
export async function releaseReserve(databasePath: string): Promise<boolean> {
  const path = reservePath(databasePath)
  const held = await stat(path).catch(() => null)
  await rm(path, { force: true })
  return (held?.size ?? 0) > 0
}
