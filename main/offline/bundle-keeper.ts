import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Bundle } from '../authority/protocol/index.ts'
import type { OfflineKeys } from './keys.ts'
import {
  type BundleExpectation,
  type BundleRefusal,
  faultOfAge,
  readBundle,
} from './read-bundle.ts'
import { seal, unseal } from './seal.ts'

/** A bundle whose signature and addressee were checked, with the key of its badge tags. */
export interface HeldBundle {
  readonly bundle: Bundle
  readonly deviceKey: Uint8Array
}

export interface BundleKeeper {
  readonly held: HeldBundle | null
  /** Takes a bundle that came from the authority, or says why not; what is held stays then. */
  offer(
    came: { readonly bundle: string; readonly deviceKey: string },
    now: number,
  ): Promise<'kept' | BundleRefusal>
  /** The authority gives none any more. */
  drop(): Promise<void>
}

export interface BundleKeeperOptions extends BundleExpectation {
  readonly directory: string
  readonly keys: Pick<OfflineKeys, 'bundle'>
}

/** One file, so that a bundle and its key are always of each other; sealed as a whole. */
const storedSchema = z.strictObject({
  bundle: z.string(),
  deviceKey: z.string().regex(/^[0-9a-f]{64}$/),
})
const about = 'bundle'

/** Keeps the newest bundle, on the disk only sealed. A file that is not what was written is no bundle. */
export async function openBundleKeeper(options: BundleKeeperOptions): Promise<BundleKeeper> {
  const { directory, keys } = options
  const path = join(directory, 'bundle')
  let held = await load()
  /** One after another: the older of two that come at once must not be the one that stays. */
  let queue: Promise<unknown> = Promise.resolve()

  async function load(): Promise<HeldBundle | null> {
    const sealed = await readFile(path).catch(() => null)
    const text = sealed === null ? null : unseal(keys.bundle, sealed, about)
    const stored = storedSchema.safeParse(text === null ? null : JSON.parse(text))
    if (!stored.success) return null
    const read = await readBundle(stored.data.bundle, options)
    return read.ok ? { bundle: read.bundle, deviceKey: bytes(stored.data.deviceKey) } : null
  }

  const take: BundleKeeper['offer'] = async (came, now) => {
    const read = await readBundle(came.bundle, options)
    if (!read.ok) return read.reason
    const fault = faultOfAge(read.bundle, now, held?.bundle ?? null)
    if (fault) return fault
    const stored = { bundle: came.bundle, deviceKey: came.deviceKey }
    await replace(directory, path, seal(keys.bundle, JSON.stringify(stored), about))
    held = { bundle: read.bundle, deviceKey: bytes(came.deviceKey) }
    return 'kept'
  }

  return {
    get held() {
      return held
    },
    offer(came, now) {
      const taken = queue.then(() => take(came, now))
      queue = taken.catch(() => {})
      return taken
    },
    async drop() {
      await queue
      held = null
      await rm(path, { force: true })
    },
  }
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

async function replace(directory: string, path: string, content: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const partial = `${path}.partial`
  try {
    const file = await open(partial, 'w', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {})
    throw error
  }
}
