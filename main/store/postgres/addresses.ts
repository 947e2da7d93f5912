/**
 * Addresses of single servers from one that names several, as libpq takes it:
 * `postgresql://user@a:5432,b:5432/name`. One that names one server stays as it is.
 */
export function singleAddresses(url: string): readonly string[] {
  const [, scheme = '', authority = '', rest = ''] = /^([a-z]+:\/\/)([^/?#]*)(.*)$/.exec(url) ?? []
  const at = authority.lastIndexOf('@') + 1
  const [user, hosts] = [authority.slice(0, at), authority.slice(at).split(',')]
  return hosts.length > 1 ? hosts.map((host) => `${scheme}${user}${host}${rest}`) : [url]
}

/** The same of a host that is named by itself: `a,b`. */
export const singleHosts = (host: string): readonly string[] =>
  host.startsWith('/') ? [host] : host.split(',').map((one) => one.trim())
