import { z } from 'zod'
import type { Vault } from '../vault/port.ts'
import { type PrivateKey, privateKeySchema } from './machine-key.ts'

/** Who this machine is to its authority; no secret. */
export const identitySchema = z.strictObject({
  /** Address of the authority that it was enrolled at. */
  authority: z.string(),
  workstation: z.strictObject({ id: z.string(), name: z.string(), place: z.string() }),
  clientId: z.string(),
  rpId: z.string(),
  origin: z.string(),
  issuer: z.string(),
  /** Public key (JWK) that offline bundles are checked with; null: there were none. */
  bundleKey: z.record(z.string(), z.unknown()).nullable(),
})
export type MachineIdentity = Readonly<z.infer<typeof identitySchema>>

const keysSchema = z.strictObject({
  current: privateKeySchema,
  /** Sent to the authority, which may or may not have taken it. */
  next: privateKeySchema.nullable(),
  /** Authority's time, ms. */
  rotateAt: z.number().int(),
})
export interface MachineKeys {
  readonly current: PrivateKey
  readonly next: PrivateKey | null
  readonly rotateAt: number
}

export interface MachineSecrets {
  readonly identity: MachineIdentity
  readonly keys: MachineKeys
}

/** Two entries: a secret of Windows' store holds 2,560 bytes at most. */
const entries = { identity: 'machine', keys: 'machine-keys' } as const

/**
 * What the secret store holds of this machine; null before it is enrolled. Rejects with the vault's
 * `VaultError` when it was enrolled and the store has lost it.
 */
export async function loadMachine(vault: Pick<Vault, 'get'>): Promise<MachineSecrets | null> {
  const identity = await read(vault, entries.identity, identitySchema)
  const keys = await read(vault, entries.keys, keysSchema)
  return identity === null || keys === null ? null : { identity, keys }
}

/** The keys first: without an identity they are nobody's, the other way round would be damage. */
export async function saveMachine(
  vault: Pick<Vault, 'set'>,
  { identity, keys }: MachineSecrets,
): Promise<void> {
  await saveKeys(vault, keys)
  await vault.set(entries.identity, bytes(identity))
}

export const saveKeys = (vault: Pick<Vault, 'set'>, keys: MachineKeys): Promise<void> =>
  vault.set(entries.keys, bytes(keys))

const bytes = (value: unknown) => new Uint8Array(Buffer.from(JSON.stringify(value)))

async function read<T>(
  vault: Pick<Vault, 'get'>,
  entry: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const held = await vault.get(entry)
  if (held === null) return null
  const parsed = schema.safeParse(parseJson(Buffer.from(held).toString('utf8')))
  // Of another version, or damaged: enrolling anew heals both.
  return parsed.success ? parsed.data : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
