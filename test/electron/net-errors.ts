/** Chromium's numbers of the network errors that occur here (net/base/net_error_list.h). */
const codes: Readonly<Record<string, number>> = {
  ERR_FAILED: -2,
  ERR_ABORTED: -3,
  ERR_TIMED_OUT: -7,
  ERR_BLOCKED_BY_CLIENT: -20,
  ERR_BLOCKED_BY_RESPONSE: -27,
  ERR_CONNECTION_CLOSED: -100,
  ERR_CONNECTION_RESET: -101,
  ERR_CONNECTION_REFUSED: -102,
  ERR_NAME_NOT_RESOLVED: -105,
  ERR_INTERNET_DISCONNECTED: -106,
  ERR_CERT_COMMON_NAME_INVALID: -200,
  ERR_CERT_DATE_INVALID: -201,
  ERR_CERT_AUTHORITY_INVALID: -202,
  ERR_INVALID_URL: -300,
  ERR_UNKNOWN_URL_SCHEME: -302,
  ERR_TOO_MANY_REDIRECTS: -310,
  ERR_UNSAFE_PORT: -312,
  ERR_INVALID_RESPONSE: -320,
  ERR_EMPTY_RESPONSE: -324,
}

/** From Chromium's `net::ERR_...` text; an unknown one keeps its name with the number of ERR_FAILED. */
export const netError = (text: string): { readonly code: string; readonly errno: number } => {
  const code = text.replace(/^net::/, '')
  return { code, errno: codes[code] ?? -2 }
}

/** What `loadURL` rejects with. */
export const loadError = (text: string, url: string): Error => {
  const { code, errno } = netError(text)
  return Object.assign(new Error(`${code} (${errno}) loading '${url}'`), { code, errno, url })
}
