import { accountName } from '../../account-name.ts'
import { loadSeed, type SeedSummary } from '../identities/seed.ts'
import { addWorkstation } from '../machines/add-workstation.ts'
import type { Services } from '../services.ts'
import { registerApplication } from './house-applications.ts'
import type { HouseSeed } from './seed-schema.ts'

/** People per transaction: a conflict with the running service repeats so much at most. */
const atOnce = 50

export interface HouseSeedSummary extends SeedSummary {
  readonly workstations: { readonly added: number; readonly unchanged: number }
  readonly applications: {
    readonly added: number
    readonly changed: number
    readonly unchanged: number
  }
}

/**
 * Adds what is not there yet; loading a seed again changes nothing. When it is interrupted, what
 * was loaded stays, and loading it again does the rest.
 */
export async function seedHouse(services: Services, seed: HouseSeed): Promise<HouseSeedSummary> {
  const summary = {
    people: { added: 0, unchanged: 0 },
    badges: { assigned: 0, unchanged: 0, conflicting: 0 },
    codes: { issued: 0 },
    workstations: { added: 0, unchanged: 0 },
    applications: { added: 0, changed: 0, unchanged: 0 },
  }
  for (let from = 0; from < seed.people.length; from += atOnce) {
    const part = await loadSeed(services, { people: seed.people.slice(from, from + atOnce) })
    summary.people.added += part.people.added
    summary.people.unchanged += part.people.unchanged
    summary.badges.assigned += part.badges.assigned
    summary.badges.unchanged += part.badges.unchanged
    summary.badges.conflicting += part.badges.conflicting
    summary.codes.issued += part.codes.issued
  }
  const by = accountName()
  for (const workstation of seed.workstations) {
    // Without a token: it waits until somebody issues one (`lanyard authority workstation token`).
    const added = await services.unit((unit) =>
      addWorkstation(services, unit, { ...workstation, by }),
    )
    summary.workstations[added ? 'added' : 'unchanged'] += 1
  }
  for (const application of seed.applications) {
    const outcome = await services.unit((unit) => registerApplication(services, unit, application))
    summary.applications[outcome] += 1
  }
  return summary
}
