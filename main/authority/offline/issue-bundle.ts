import { createHash } from 'node:crypto'
import { canonicalJson } from '../../audit/canonical.ts'
import type { Handlers } from '../context.ts'
import { type ApplicationView, type Bundle, workstationIdSchema } from '../protocol/index.ts'
import { lockOf } from '../locks.ts'
import { shareReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import { bundleContent } from './bundle-content.ts'
import { bundleSigner, deviceKey } from './bundle-key.ts'

/** A workstation may come back with what a bundle let it do for so long, ms. */
const keptFor = 40 * 24 * 3_600_000
/** A bundle that says the same and has used up no more of its life than this part is not renewed. */
const freshPart = 1 / 8

export interface IssueOptions extends Services {
  readonly applications: readonly ApplicationView[]
}

/** What a workstation needs while nobody answers, signed for it alone. */
export function createBundles(services: IssueOptions): Pick<Handlers, 'offline.bundle'> {
  const { db, policy, now, unit, record, randomId, bundleSeed, badgeKey, rpId, origin } = services
  const signer = bundleSeed ? bundleSigner(bundleSeed) : null

  return {
    async 'offline.bundle'({ have }, { workstation }) {
      // Asked anew: policy and applications change while the service runs.
      const life = policy['offline.life']
      if (signer === null || life === 0) return { outcome: 'off' }
      const applications = services.applications.map(({ id, name, kind, origins }) => ({
        id,
        name,
        kind,
        origins: [...origins],
      }))
      // Before anything is read: a bundle is never older than what it says.
      const issuedAt = now()
      const content = await bundleContent(db.read, policy, {
        workstationId: workstation.id,
        now: issuedAt,
      })
      const digest = createHash('sha256')
        .update(canonicalJson({ content, applications, name: workstation.name }))
        .digest('hex')
      const last = await db.read
        .selectFrom('offline_bundles')
        .selectAll()
        .where('workstation_id', '=', workstation.id)
        .orderBy('issued_at', 'desc')
        .limit(1)
        .executeTakeFirst()
      const isFresh =
        last?.bundle_id === have &&
        last?.content === digest &&
        issuedAt < last.issued_at + life * freshPart
      if (isFresh) return { outcome: 'unchanged', expiresAt: last.expires_at }

      const bundle: Bundle = {
        version: 1,
        bundleId: randomId(),
        workstation: { id: workstationIdSchema.parse(workstation.id), name: workstation.name },
        rpId,
        origin,
        issuedAt,
        expiresAt: issuedAt + life,
        applications,
        ...content,
      }
      const signed = await signer.sign(bundle)
      await unit(
        async ({ tx, now }) => {
          await tx
            .insertInto('offline_bundles')
            .values({
              bundle_id: bundle.bundleId,
              workstation_id: workstation.id,
              content: digest,
              issued_at: issuedAt,
              expires_at: bundle.expiresAt,
            })
            .execute()
          await tx
            .deleteFrom('offline_bundles')
            .where('workstation_id', '=', workstation.id)
            .where('issued_at', '<', now - keptFor)
            .execute()
          await tx
            .deleteFrom('seen_here')
            .where('workstation_id', '=', workstation.id)
            .where('at', '<=', now - policy['offline.seenWithin'])
            .execute()
          await record(tx, 'offline.bundle-issued', {
            workstation: workstation.id,
            detail: {
              bundle: bundle.bundleId,
              people: bundle.people.length,
              expiresAt: bundle.expiresAt,
            },
          })
        },
        { ...shareReserve, ...lockOf({ personId: null, workstationId: workstation.id }) },
      )
      const key = Buffer.from(deviceKey(badgeKey.key, workstation.id)).toString('hex')
      return { outcome: 'bundle', bundle: signed, deviceKey: key }
    },
  }
}
