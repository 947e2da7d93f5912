import type { Tx } from '../../store/port.ts'
import { prepare } from '../../store/prepared.ts'

/** How long a tap can be followed by a call that needs one, ms. */
export const tapLife = 2 * 60_000

interface TapKey {
  readonly workstationId: string
  readonly tapId: string
  readonly now: number
}

/**
 * The person whom an unused, recent sign-in tap at this workstation identified; null also when the
 * directory has closed their account since.
 */
export async function personOfTap(
  tx: Tx,
  { workstationId, tapId, now }: TapKey,
): Promise<string | null> {
  const tap = await tx
    .selectFrom('taps')
    .innerJoin('people', 'people.person_id', 'taps.person_id')
    .select('taps.person_id')
    .where('people.disabled_at', 'is', null)
    .where('workstation_id', '=', workstationId)
    .where('tap_id', '=', tapId)
    .where('purpose', '=', 'sign-in')
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return tap?.person_id ?? null
}

interface Tap extends TapKey {
  readonly personId: string
  readonly purpose: 'sign-in' | 'witness'
}

/** Keeps a tap that identified somebody; false when it was reported before. */
export async function reportTap(tx: Tx, tap: Tap): Promise<boolean> {
  return (await insertTap.first(tx, { ...tap, expiresAt: tap.now + tapLife })) !== null
}

const insertTap = prepare<Tap & { readonly expiresAt: number }>()((db, place) =>
  db
    .insertInto('taps')
    .values({
      workstation_id: place('workstationId'),
      tap_id: place('tapId'),
      person_id: place('personId'),
      purpose: place('purpose'),
      expires_at: place('expiresAt'),
      used_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('tap_id'),
)

/** Uses a tap up; false when it was used or has expired meanwhile. */
export async function consumeTap(tx: Tx, { workstationId, tapId, now }: TapKey): Promise<boolean> {
  return (await useTap.first(tx, { workstationId, tapId, now })) !== null
}

const useTap = prepare<TapKey>()((db, place) =>
  db
    .updateTable('taps')
    .set({ used_at: place('now') })
    .where('workstation_id', '=', place('workstationId'))
    .where('tap_id', '=', place('tapId'))
    .where('used_at', 'is', null)
    .where('expires_at', '>', place('now'))
    .returning('tap_id'),
)

/** Whoever only secures a seat may let the tap's time pass before it shows, ms. */
const secureWithin = 10 * 60_000

/** The person whom a tap of the last minutes at this workstation identified, used or not; or null. */
export async function bearerOfTap(
  tx: Tx,
  { workstationId, tapId, now }: TapKey,
): Promise<string | null> {
  const tap = await tx
    .selectFrom('taps')
    .select('person_id')
    .where('workstation_id', '=', workstationId)
    .where('tap_id', '=', tapId)
    .where('expires_at', '>', now - secureWithin)
    .executeTakeFirst()
  return tap?.person_id ?? null
}
