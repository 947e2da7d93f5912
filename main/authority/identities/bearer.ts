import type { Kysely } from 'kysely'
import { prepare } from '../../store/prepared.ts'
import type { Schema } from '../../store/schema/index.ts'
import { describe, described } from '../passkeys/ceremonies.ts'

/** Whoever has a badge, and their active passkeys, the oldest first; nobody: null and none. */
export async function bearerOfBadge(db: Kysely<Schema>, tag: string) {
  const rows = await bearer.all(db, { tag })
  const passkeys = rows.flatMap(({ passkey_id, transports, failed_attempts, public_key }) =>
    passkey_id === null || transports === null || failed_attempts === null || public_key === null
      ? []
      : [{ ...describe({ passkey_id, transports, failed_attempts }), publicKey: public_key }],
  )
  return { found: rows[0] ?? null, passkeys }
}

const bearer = prepare<{ tag: string }>()((db, place) =>
  db
    .selectFrom('badges')
    .innerJoin('people', 'people.person_id', 'badges.person_id')
    .leftJoin('passkeys', (join) =>
      join
        .onRef('passkeys.person_id', '=', 'people.person_id')
        .on('passkeys.revoked_at', 'is', null),
    )
    .selectAll('people')
    .select(['badges.status', 'badges.kind', 'badges.ends_at', 'badges.card_id'])
    .select([...described, 'passkeys.public_key'])
    .where('tag', '=', place('tag'))
    .orderBy('passkeys.created_at'),
)
