import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import canonicalize from 'canonicalize'
import { fixedPolicySource } from '../../policy/policy-source.ts'
import { readPolicy } from '../../policy/read-policy.ts'
import type { Policy } from '../../policy/settings.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { Services } from '../services.ts'

/** Settings by name, as the configuration gives them. */
export type GivenSettings = Readonly<Record<string, unknown>>

export interface HousePolicyOptions extends Pick<Services, 'db' | 'unit' | 'record'> {
  /** Told when another policy holds, whoever changed it. */
  readonly onChange: (policy: Policy, given: GivenSettings) => void
}

export interface HousePolicy {
  /** What agents are told. */
  readonly given: GivenSettings
  /**
   * At the start, with what the node's file says. A file that another node has gone beyond is left
   * aside: `stale`. Otherwise it holds from now on, for all.
   */
  begin(given: GivenSettings): Promise<'same' | 'changed' | 'stale'>
  /** Somebody wants this from now on: recorded, stored for the other nodes, told to every agent. */
  change(given: GivenSettings): Promise<'same' | 'changed'>
  /** Takes over what another node has changed. */
  refresh(): Promise<void>
}

/** The policy of the house, in the database: the same on every node. */
export function createHousePolicy({ db, unit, record, onChange }: HousePolicyOptions): HousePolicy {
  let version = 0
  let current: GivenSettings = {}

  function take(next: number, given: GivenSettings): void {
    if (next <= version) return
    version = next
    current = given
    onChange(readPolicy([fixedPolicySource('policy', given)]).policy, given)
  }

  async function change(given: GivenSettings): Promise<'same' | 'changed'> {
    const digest = digestOf(given)
    const written = await unit(async ({ tx, now, publishToAll }) => {
      const latest = await newest(tx)
      if (latest?.digest === digest) return { version: latest.version, changed: false }
      const next = (latest?.version ?? 0) + 1
      const settings = JSON.stringify(given)
      await tx
        .insertInto('house_policy')
        .values({ version: next, digest, settings, changed_at: now })
        .execute()
      const before = latest ? parse(latest.settings) : {}
      await record(tx, 'policy.changed', {
        detail: { version: next, digest, settings: changedNames(before, given) },
      })
      publishToAll({ type: 'policy.changed', policy: { ...given } })
      return { version: next, changed: true }
    })
    take(written.version, given)
    return written.changed ? 'changed' : 'same'
  }

  return {
    get given() {
      return current
    },
    async begin(given) {
      const digest = digestOf(given)
      const latest = await newest(db.read)
      if (!latest || latest.digest === digest) return change(given)
      const known = await db.read
        .selectFrom('house_policy')
        .select('version')
        .where('digest', '=', digest)
        .executeTakeFirst()
      if (!known) return change(given)
      take(latest.version, parse(latest.settings))
      return 'stale'
    },
    change,
    async refresh() {
      const latest = await newest(db.read)
      if (latest && latest.version > version) take(latest.version, parse(latest.settings))
    },
  }
}

const newest = (db: Kysely<Schema>) =>
  db.selectFrom('house_policy').selectAll().orderBy('version', 'desc').limit(1).executeTakeFirst()

const parse = (settings: string) => JSON.parse(settings) as GivenSettings

const digestOf = (given: GivenSettings): string =>
  createHash('sha256')
    .update(canonicalize(given) ?? '')
    .digest('hex')

/** For the record: which settings, as many as it takes. */
function changedNames(before: GivenSettings, after: GivenSettings): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
  const changed = names.filter((name) => canonicalize(before[name]) !== canonicalize(after[name]))
  return changed.join(', ').slice(0, 500)
}
