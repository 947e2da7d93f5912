import { randomBytes } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Enough for the journal to grow until it is used again from its start (4 MB), and for more than a
 * hundred emergency accesses with their records, in bytes.
 */
const reserveBytes = 8 * 1024 * 1024

const reservePath = (databasePath: string) => `${databasePath}.reserve`

/**
 * Keeps space beside the database for emergency access: when the disk is full, everything else has
 * stopped and `releaseReserve` gives this space to the database. False when there is no room for it
 * now; then the disk is full already and the next call may do better. There is room for it where as
 * much again is left for the database: the last space is not taken from those it is meant for.
 */
export async function holdReserve(databasePath: string): Promise<boolean> {
  const path = reservePath(databasePath)
  const held = await stat(path).catch(() => null)
  if (held?.size === reserveBytes) return true
  if (!(await hasRoom(databasePath))) return false
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

async function hasRoom(databasePath: string): Promise<boolean> {
  const disk = await statfs(dirname(databasePath)).catch(() => null)
  return disk !== null && disk.bavail * disk.bsize >= 2 * reserveBytes
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
