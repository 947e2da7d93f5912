import { BlockList, isIP } from 'node:net'
import { parseRange } from './address-range.ts'
import type { ServiceConfig } from './config-schema.ts'

/** Only the configured names: a page whose own name was rebound to this address sends its own. */
export function hostCheck({
  url,
  names,
}: Pick<ServiceConfig, 'url' | 'names'>): (host: string | undefined) => boolean {
  const { host, hostname, port, protocol } = new URL(url)
  const own = port === '' ? `${hostname}:${protocol === 'https:' ? 443 : 80}` : host
  const allowed = new Set([host, own, ...names].map((name) => name.toLowerCase()))
  return (given) => given !== undefined && allowed.has(given.toLowerCase())
}

/** Behind a load balancer that ends TLS nobody else may connect: it would be in the clear. */
export function peerCheck({
  trustedProxy,
}: Pick<ServiceConfig, 'trustedProxy'>): (address: string | undefined) => boolean {
  if (!trustedProxy) return () => true
  const trusted = new BlockList()
  for (const range of trustedProxy.addresses) {
    const parsed = parseRange(range)
    if (parsed) trusted.addSubnet(parsed.address, parsed.bits, parsed.kind)
  }
  return (given = '') => {
    const address = given.replace(/^::ffff:(?=\d+\.)/, '')
    return isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
}
