import type { Kysely } from 'kysely'
import { prepare } from '../../store/prepared.ts'
import type { Schema } from '../../store/schema/index.ts'

/** What an answer is checked against. Neither the key of a passkey nor its owner ever changes. */
export interface Expectation {
  /** Null: there is no such ceremony. */
  readonly challenge: string | null
  readonly publicKey: Uint8Array
  readonly personId: string
}

/** A ceremony of somebody known, with the passkeys that may answer it. */
export interface Asked {
  readonly ceremonyId: string
  readonly challenge: string
  readonly personId: string
  readonly passkeys: readonly { readonly id: string; readonly publicKey: Uint8Array }[]
}

export interface Expectations {
  /** Spares the answer a question to the database, if it comes to this node. */
  keep(asked: Asked): void
  /** Null: there is no such passkey. Whether ceremony and passkey still count is decided later. */
  of(ceremonyId: string, passkeyId: string): Promise<Expectation | null>
}

/** Each takes about a KB; most are answered within seconds, and the database has all of them. */
const mostKept = 4096

export function createExpectations({ read }: { readonly read: Kysely<Schema> }): Expectations {
  const kept = new Map<string, Asked>()
  return {
    keep(asked) {
      kept.set(asked.ceremonyId, asked)
      if (kept.size <= mostKept) return
      const [oldest] = kept.keys()
      if (oldest !== undefined) kept.delete(oldest)
    },
    async of(ceremonyId, passkeyId) {
      const asked = kept.get(ceremonyId)
      const passkey = asked?.passkeys.find(({ id }) => id === passkeyId)
      if (asked && passkey) {
        kept.delete(ceremonyId)
        const { challenge, personId } = asked
        return { challenge, personId, publicKey: passkey.publicKey }
      }
      const row = await expected.first(read, { ceremonyId, id: passkeyId })
      return row && { challenge: row.challenge, personId: row.person_id, publicKey: row.public_key }
    },
  }
}

const expected = prepare<{ ceremonyId: string; id: string }>()((db, place) =>
  db
    .selectFrom('passkeys')
    .leftJoin('ceremonies', (join) => join.on('ceremonies.ceremony_id', '=', place('ceremonyId')))
    .select(['passkeys.public_key', 'passkeys.person_id', 'ceremonies.challenge'])
    .where('passkey_id', '=', place('id')),
)
