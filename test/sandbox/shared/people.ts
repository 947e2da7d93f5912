import { canonicalBadge, wiegandTechnology } from '../../../main/badge/canonical.ts'
import { seedSchema, type Seed } from '../../../main/authority/protocol/process.ts'

/** The invented staff of the sandbox, with the cards they carry and the patients they care for. */
export interface SandboxStaff {
  readonly id: string
  readonly given: string
  readonly family: string
  readonly role: Seed['people'][number]['role']
  readonly badge: { readonly facility: number; readonly number: number }
  readonly applications: readonly string[]
  readonly patient: string | null
  readonly list: readonly string[]
  readonly enrolmentCode: string
}

const facility = 118

export const sandboxStaff: readonly SandboxStaff[] = [
  {
    id: 'mary',
    given: 'Mary',
    family: 'Underwood',
    role: 'nurse',
    badge: { facility, number: 1603 },
    applications: ['ehr', 'imaging'],
    patient: 'p-204',
    list: ['p-204', 'p-205', 'p-207', 'p-211'],
    enrolmentCode: 'sandbox-mary-1603',
  },
  {
    id: 'jonas',
    given: 'Jonas',
    family: 'Okafor-Lind',
    role: 'physician',
    badge: { facility, number: 1604 },
    applications: ['ehr', 'imaging'],
    patient: 'p-212',
    list: ['p-204', 'p-205', 'p-207', 'p-211', 'p-212'],
    enrolmentCode: 'sandbox-jonas-1604',
  },
  {
    id: 'petra',
    given: 'Petra',
    family: 'Quill',
    role: 'privacy-officer',
    badge: { facility, number: 1605 },
    applications: [],
    patient: null,
    list: [],
    enrolmentCode: 'sandbox-petra-1605',
  },
  {
    id: 'sam',
    given: 'Sam',
    family: 'Tarrant',
    role: 'charge-nurse',
    badge: { facility, number: 1606 },
    applications: ['ehr', 'imaging'],
    patient: 'p-205',
    list: ['p-204', 'p-205', 'p-207', 'p-211', 'p-212'],
    enrolmentCode: 'sandbox-sam-1606',
  },
  {
    id: 'iva',
    given: 'Iva',
    family: 'Lindqvist',
    role: 'it-engineer',
    badge: { facility, number: 1607 },
    applications: [],
    patient: null,
    list: [],
    enrolmentCode: 'sandbox-iva-1607',
  },
]

/** The staff as the authority's seed; `patient` outside every list for the broken glass: p-231. */
export const sandboxPeople: Seed = seedSchema.parse({
  people: sandboxStaff.map(
    ({ id, given, family, role, badge, applications, patient, enrolmentCode }) => ({
      personId: id,
      given,
      family,
      role,
      badges: [
        canonicalBadge({ technology: wiegandTechnology, format: 'H10301', bits: 26, ...badge }),
      ],
      applications,
      patient,
      enrolmentCode,
    }),
  ),
})

/** Patients that the EHR shows to a person without breaking the glass. */
export const listOf = (personId: string): readonly string[] =>
  sandboxStaff.find(({ id }) => id === personId)?.list ?? []
