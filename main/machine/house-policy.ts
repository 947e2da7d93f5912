import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filePolicySource, fixedPolicySource, type PolicySource } from '../policy/policy-source.ts'
import { describeReport, readPolicy } from '../policy/read-policy.ts'
import type { Policy } from '../policy/settings.ts'

/** What the hospital's authority said last, so that a start without it is no start without policy. */
const fileName = 'house-policy.json'

type Values = Readonly<Record<string, unknown>>

export interface HousePolicyOptions {
  /** Data folder of the agent. */
  readonly directory: string
  /** The machine's own policy, the strongest first: it goes over the hospital's. */
  readonly own: readonly PolicySource[]
  /** What the authority calls this workstation. */
  readonly names: { readonly name: string; readonly place: string }
  readonly report: (line: string) => void
}

export interface HousePolicy {
  readonly policy: Policy
  /** The hospital's settings, whole. Resolves to the policy that holds now, or null: no change. */
  take(values: Values): Promise<Policy | null>
}

/** The hospital's settings for its workstations, beneath the machine's own. */
export function openHousePolicy(options: HousePolicyOptions): HousePolicy {
  const { directory, own, names, report } = options
  const path = join(directory, fileName)
  const named = fixedPolicySource('enrolment', {
    'workstation.name': names.name.slice(0, 40),
    'workstation.place': names.place.slice(0, 40),
  })
  let held = readText(path)

  function read(house: PolicySource): Policy {
    const { policy, report: entries } = readPolicy([...own, house, named])
    for (const entry of entries) report(`policy: ${describeReport(entry)}`)
    return policy
  }

  return {
    policy: read(filePolicySource(path)),
    async take(values) {
      const text = `${JSON.stringify(values, null, 2)}\n`
      if (text === held) return null
      held = text
      const partial = `${path}.partial`
      await writeFile(partial, text)
      await rename(partial, path)
      return read(fixedPolicySource('the authority', values))
    },
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
