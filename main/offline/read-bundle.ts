import { compactVerify, importJWK } from 'jose'
import {
  type Bundle,
  type BundleKey,
  bundleKeyId,
  bundleSchema,
  bundleType,
} from '../authority/protocol/index.ts'

export type BundleRefusal =
  | 'unknown-key'
  | 'signature'
  | 'malformed'
  | 'other-workstation'
  | 'other-house'
  | 'expired'
  | 'future'
  | 'older'

export interface BundleExpectation {
  /** Keys of the house, pinned when this workstation was enrolled. */
  readonly bundleKeys: readonly BundleKey[]
  readonly workstationId: string
  readonly rpId: string
  readonly origin: string
}

export type ReadBundle =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly reason: BundleRefusal }

const refuse = (reason: BundleRefusal): ReadBundle => ({ ok: false, reason })

/**
 * Checks who signed a bundle and for whom. Its age is another question (`faultOfAge`): one that has
 * expired still gives emergency access.
 */
export async function readBundle(
  jws: string,
  { bundleKeys, workstationId, rpId, origin }: BundleExpectation,
): Promise<ReadBundle> {
  let payload: Uint8Array
  try {
    const verified = await compactVerify(
      jws,
      ({ kid }) => {
        const key = bundleKeys.find((one) => bundleKeyId(one) === kid)
        if (!key) throw new UnknownKey()
        return importJWK({ ...key }, 'EdDSA')
      },
      { algorithms: ['EdDSA'] },
    )
    if (verified.protectedHeader.typ !== bundleType) return refuse('malformed')
    payload = verified.payload
  } catch (error) {
    return refuse(error instanceof UnknownKey ? 'unknown-key' : 'signature')
  }
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return refuse('malformed')
  }
  const parsed = bundleSchema.safeParse(content)
  if (!parsed.success) return refuse('malformed')
  const bundle = parsed.data
  if (bundle.workstation.id !== workstationId) return refuse('other-workstation')
  if (bundle.rpId !== rpId || bundle.origin !== origin) return refuse('other-house')
  return { ok: true, bundle }
}

class UnknownKey extends Error {}

/** Clocks of two machines that are kept right differ by less, ms. */
const tolerance = 5 * 60_000

/** Why a bundle that comes now is not taken: too old, too new, or older than the one that is held. */
export function faultOfAge(
  { issuedAt, expiresAt }: Pick<Bundle, 'issuedAt' | 'expiresAt'>,
  now: number,
  held: Pick<Bundle, 'issuedAt'> | null,
): 'expired' | 'future' | 'older' | null {
  if (expiresAt <= now) return 'expired'
  if (issuedAt > now + tolerance) return 'future'
  if (held && issuedAt < held.issuedAt) return 'older'
  return null
}
