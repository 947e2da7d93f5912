import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Certificate } from '../server/server.ts'
import { ConfigError } from './read-config.ts'
import { type FileOptions, namedFile, readSecretFile } from './read-secret-file.ts'

export interface CheckedCertificate extends Certificate {
  /** When the certificate ends, ms since the epoch. */
  readonly endsAt: number
}

/** Certificate chain and key in PEM, and that they belong together. Rejects with `ConfigError`. */
export async function readCertificate(
  tls: { readonly certificate: string; readonly key: string },
  files: FileOptions,
): Promise<CheckedCertificate> {
  const { path } = await namedFile('tls.certificate', tls.certificate, files)
  const cert = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError('tls.certificate', [`${path} cannot be read (${cause.code}).`])
  })
  const key = await readSecretFile('tls.key', tls.key, files)
  let first: X509Certificate
  try {
    first = new X509Certificate(cert)
  } catch {
    throw new ConfigError('tls.certificate', [`${path} is no certificate in PEM.`])
  }
  try {
    createSecureContext({ cert, key })
  } catch {
    throw new ConfigError('tls.key', ['This is not the key (PEM) of the certificate.'])
  }
  return { cert, key, endsAt: Date.parse(first.validTo) }
}
