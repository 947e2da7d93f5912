import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { ConfigError } from './read-config.ts'
import { type FileOptions, readSecretFile } from './read-secret-file.ts'

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))

/** The keys of a hospital's authority; every node has the same file, and no backup holds it. */
export const keysSchema = z.strictObject({
  format: z.literal('lanyard-keys-1'),
  /** HMAC-SHA-256 key of the badge tags and enrolment codes. */
  badge: z.strictObject({ version: z.number().int().min(1), key: hex(32) }),
  /** Ed25519 seed of the log's checkpoints (RFC 8032). */
  log: hex(32),
  /** P-256 private key, PKCS #8 DER, that signs ID tokens. */
  idToken: z.string().regex(/^[0-9a-f]{100,1000}$/),
  cookie: hex(32),
  /** Ed25519 seed that signs what workstations need while nobody answers. */
  bundle: hex(32),
})
export type ServiceKeys = z.output<typeof keysSchema>

/** New keys, from the system's randomness. */
export function createKeys(): ServiceKeys {
  const secret = () => randomBytes(32).toString('hex')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    format: 'lanyard-keys-1',
    badge: { version: 1, key: secret() },
    log: secret(),
    idToken: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
    cookie: secret(),
    bundle: secret(),
  }
}

/** Rejects with `ConfigError`, which says nothing of what stands in the file. */
export async function readKeys(file: string, options: FileOptions): Promise<ServiceKeys> {
  const text = await readSecretFile('keys.file', file, options)
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    // The parser's message quotes the text.
    throw new ConfigError('keys.file', ['The key file is no JSON. Restore it from its copy.'])
  }
  const parsed = keysSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const places = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the file'))]
  throw new ConfigError('keys.file', [
    `The key file is wrong at: ${places.join(', ')}. "lanyard authority keys" makes such files.`,
  ])
}
