import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const checkout = join(import.meta.dirname, '../..')

/** Parts of the built checkout in a folder of their own. */
export interface InstalledService {
  readonly folder: string
  dispose(): Promise<void>
}

/** Copies paths of the checkout as an installation has them: away from `node_modules`, readable by all. */
export async function installService(parts: readonly string[]): Promise<InstalledService> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-installed-'))
  await chmod(folder, 0o755)
  for (const part of parts) await cp(join(checkout, part), join(folder, part), { recursive: true })
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) }
}
