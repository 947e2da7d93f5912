/** Why the authority could not be asked. */
export type ReachFailure =
  | { readonly reason: 'unreachable'; readonly detail: string }
  /** Somebody is there whose certificate this machine does not believe, or who speaks no TLS. */
  | { readonly reason: 'certificate'; readonly detail: string }

/** Codes of OpenSSL's verification (X509_V_ERR_*) as Node names them, and of its TLS errors. */
const certificateCodes = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'EPROTO',
])

/** Sorts what a connection failed with. The detail is a code, never what was sent or received. */
export function reachFailure(error: unknown): ReachFailure {
  const code = codeOf(error)
  const certificate = certificateCodes.has(code) || /^ERR_(SSL|TLS)_/.test(code)
  return { reason: certificate ? 'certificate' : 'unreachable', detail: code }
}

/** The code of an error or of what caused it: `fetch` wraps what happened on the socket. */
function codeOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 4) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  const { cause } = error
  return cause === undefined ? error.name : codeOf(cause, depth + 1)
}
