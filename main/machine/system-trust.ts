import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

type ReadCertificates = typeof getCACertificates

/**
 * Whose certificates this machine believes, PEM: what its operating system trusts (on Windows and
 * macOS the machine's and the enterprise's stores, elsewhere OpenSSL's files), what the runtime
 * brings, and what NODE_EXTRA_CA_CERTS names. Nothing here can be clicked away by anybody.
 */
export function systemTrust(read: ReadCertificates = getCACertificates): string[] {
  return [...new Set([...read('default'), ...read('system'), ...read('extra')])]
}

/** The same, parsed once: some hundred certificates cost tens of milliseconds at every connection. */
export function systemSecureContext(read?: ReadCertificates): SecureContext {
  return createSecureContext({ ca: systemTrust(read) })
}
