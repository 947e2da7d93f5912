import { join } from 'node:path'
import { readSeed } from '../../../main/authority/service/seed-file.ts'
import { parseCanonicalBadge } from '../../../main/badge/canonical.ts'

/** The sandbox's invented people and its seat, read as `lanyard authority seed` reads a house. */
export const sandboxHouse = await readSeed(join(import.meta.dirname, '../house.yaml'))

const [seat] = sandboxHouse.workstations
if (!seat) throw new Error('test/sandbox/house.yaml has no workstation; add the one to start as.')
/** Where the sandbox stands. */
export const sandboxSeat = seat

/** The staff with what a hand needs of them: the card that they carry and their first code. */
export const sandboxStaff = sandboxHouse.people.map(
  ({ personId, given, family, role, badges: [badge = ''], enrolmentCode }) => ({
    id: personId,
    given,
    family,
    role,
    badge: cardOf(badge),
    enrolmentCode: enrolmentCode ?? '',
  }),
)

function cardOf(badge: string): { readonly facility: number; readonly number: number } {
  const card = parseCanonicalBadge(badge)
  if (!card || card.format !== 'H10301')
    throw new Error('Everybody in test/sandbox/house.yaml carries an H10301 card first.')
  return { facility: Number(card.facility), number: Number(card.number) }
}

/** Whom the EHR shows to a person without breaking the glass; p-231 is on nobody's list. */
const lists: Readonly<Record<string, readonly string[]>> = {
  mary: ['p-204', 'p-205', 'p-207', 'p-211'],
  jonas: ['p-204', 'p-205', 'p-207', 'p-211', 'p-212'],
  sam: ['p-204', 'p-205', 'p-207', 'p-211', 'p-212'],
}
export const listOf = (personId: string): readonly string[] => lists[personId] ?? []
