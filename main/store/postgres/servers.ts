import type { ClientBase, ClientConfig } from 'pg'
import { singleAddresses, singleHosts } from './addresses.ts'
import { postgresError } from './errors.ts'
import type { PostgresAddress } from './options.ts'

type Address = Readonly<ClientConfig>

/**
 * The servers of one database, of which one is the primary, and what this process knows of them:
 * where it was last, and the newest timeline. Every failover begins a timeline, so a primary of an
 * older one was replaced: what it confirmed now would be lost.
 */
export class Servers {
  readonly addresses: readonly Address[]
  readonly #timelines = new WeakMap<ClientBase, number>()
  #newest = 0
  #at = 0

  constructor(addresses: readonly Address[]) {
    this.addresses = addresses
  }

  get several(): boolean {
    return this.addresses.length > 1
  }

  /** Whether any primary was found yet. */
  get known(): boolean {
    return this.#newest > 0
  }

  /** Where to look for the primary. */
  get current(): Address {
    const address = this.addresses[this.#at]
    if (!address) throw new Error('The address of PostgreSQL names no server.')
    return address
  }

  /** It is not the primary, or not there: look at the next one, unless somebody does already. */
  leave(address: Address): void {
    if (address === this.current) this.#at = (this.#at + 1) % this.addresses.length
  }

  stay(address: Address): void {
    this.#at = Math.max(0, this.addresses.indexOf(address))
  }

  /** A fresh connection to a primary. Throws `StoreError` when another one has replaced it. */
  accept(client: ClientBase, timeline: number): void {
    if (timeline < this.#newest) throw replaced()
    this.#newest = timeline
    this.#timelines.set(client, timeline)
  }

  /** Whether there was a failover since. */
  isReplaced(client: ClientBase): boolean {
    return (this.#timelines.get(client) ?? this.#newest) < this.#newest
  }
}

const replaced = () =>
  postgresError(
    'unreachable',
    'PostgreSQL was replaced by its standby and must not be written to.',
    'Make the old primary a standby of the new one (pg_rewind); Lanyard goes on by itself.',
  )

/** Every part of the process knows the same of the same servers. */
const groups = new Map<string, Servers>()

export function serversOf(address: PostgresAddress): Servers {
  const addresses = addressesOf(address)
  if (addresses.length === 1) return new Servers(addresses)
  const key = 'connectionString' in address ? address.connectionString : namesOf(address)
  const known = groups.get(key)
  if (known) return known
  const servers = new Servers(addresses)
  groups.set(key, servers)
  return servers
}

type Parts = Exclude<PostgresAddress, { readonly connectionString: string }>

const namesOf = ({ host, port, database, user, password }: Parts) =>
  JSON.stringify([host, port, database, user, password])

function addressesOf(address: PostgresAddress): readonly Address[] {
  if ('connectionString' in address)
    return singleAddresses(address.connectionString).map((connectionString) => ({
      connectionString,
    }))
  const { host, port = 5432, database, user, password } = address
  const rest = { port, database, user, ...(password === undefined ? {} : { password }) }
  return singleHosts(host).map((one) => ({ host: one, ...rest }))
}
