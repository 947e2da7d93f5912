import { BlockList, isIP } from 'node:net'

export interface AddressRange {
  readonly address: string
  readonly bits: number
  readonly kind: 'ipv4' | 'ipv6'
}

/** An address, or a range such as `10.20.0.0/16`; null: neither. */
export function parseRange(text: string): AddressRange | null {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return null
  const most = version === 4 ? 32 : 128
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return null
  return { address, bits: Number(bits ?? most), kind: version === 4 ? 'ipv4' : 'ipv6' }
}

/** The widest that anybody has for a network of one's own: 10.0.0.0/8 (RFC 1918), fc00::/7 (RFC 4193). */
const widest = { ipv4: 8, ipv6: 7 }

/** Wider than any network of one's own, or with all of IPv4 in it, as `::ffff:0:0/96` has. */
export function meansEverybody({ address, bits, kind }: AddressRange): boolean {
  if (bits < widest[kind]) return true
  const list = new BlockList()
  list.addSubnet(address, bits, kind)
  return ['0.0.0.0', '255.255.255.255'].every((end) =>
    kind === 'ipv4' ? list.check(end) : list.check(`::ffff:${end}`, 'ipv6'),
  )
}
