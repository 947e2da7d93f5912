import type { z } from 'zod'
import { allowedValues } from './describe-setting.ts'
import { effectivePolicy, type GivenPolicy } from './effective-policy.ts'
import type { PolicySource } from './policy-source.ts'
import { settings, type Policy, type SettingName } from './settings.ts'

/** Something in the policy that is not as its author meant it; for the log and `doctor`. */
export type PolicyReport =
  /** The default holds instead, even where a weaker source gives a good value. */
  | {
      readonly kind: 'malformed-value'
      readonly source: string
      readonly setting: SettingName
      readonly got: string
      readonly allowed: string
      /** `stronger-source`: this value would not have counted anyway. */
      readonly holds: 'default' | 'stronger-source'
    }
  | { readonly kind: 'unknown-setting'; readonly source: string; readonly setting: string }
  /** Nothing of this source holds. */
  | { readonly kind: 'unreadable-source'; readonly source: string; readonly detail: string }
  /** A rule between settings changed a value. */
  | {
      readonly kind: 'adjusted-value'
      readonly setting: SettingName
      readonly got: string
      readonly used: string
      readonly why: string
    }

/**
 * Reads the sources, the strongest first; for each setting the first source that names it decides.
 * A value outside its schema is reported and falls to the default: neither it nor an older or
 * weaker value holds in silence. `trial` allows the short times of sandbox and tests.
 */
export function readPolicy(
  sources: readonly PolicySource[],
  { trial = false }: { readonly trial?: boolean } = {},
): { readonly policy: Policy; readonly report: readonly PolicyReport[] } {
  const report: PolicyReport[] = []
  const given: Partial<Record<SettingName, unknown>> = {}
  const decided = new Set<SettingName>()

  for (const source of sources) {
    const reading = source.read()
    if (reading.state === 'unreadable') {
      report.push({ kind: 'unreadable-source', source: source.name, detail: reading.detail })
    }
    if (reading.state !== 'found') continue
    for (const [setting, value] of Object.entries(reading.values)) {
      if (!isSettingName(setting)) {
        report.push({ kind: 'unknown-setting', source: source.name, setting: clip(setting) })
        continue
      }
      const parsed = settings[setting].schema.safeParse(value)
      if (!parsed.success) {
        report.push({
          kind: 'malformed-value',
          source: source.name,
          setting,
          got: written(value),
          allowed: allowedValues(setting) + placeOf(parsed.error),
          holds: decided.has(setting) ? 'stronger-source' : 'default',
        })
      }
      if (decided.has(setting)) continue
      decided.add(setting)
      if (parsed.success) given[setting] = parsed.data
    }
  }

  const { policy, adjusted } = effectivePolicy(given as GivenPolicy, { trial })
  for (const { setting, got, used, why } of adjusted) {
    report.push({ kind: 'adjusted-value', setting, got: String(got), used: String(used), why })
  }
  return { policy, report }
}

const holds = { default: 'the default', 'stronger-source': 'a stronger source' } as const

/** One line for the log: what is wrong, what holds, what to do. */
export function describeReport(entry: PolicyReport): string {
  switch (entry.kind) {
    case 'malformed-value':
      return `${entry.source}: ${entry.setting} is ${entry.got}; ${holds[entry.holds]} holds. Allowed: ${entry.allowed}.`
    case 'unknown-setting':
      return `${entry.source}: ${entry.setting} is no setting of this version. docs/policy.md lists them.`
    case 'unreadable-source':
      return `${entry.source}: nothing of it holds. ${entry.detail}`
    case 'adjusted-value':
      return `${entry.setting} is ${entry.got}; ${entry.used} holds. ${entry.why}`
  }
}

/** Where in a structure the first fault is, and what it is; nothing for a plain value. */
const placeOf = ({ issues: [first] }: z.ZodError): string =>
  first === undefined || first.path.length === 0
    ? ''
    : `; ${clip(`${first.path.join('.')}: ${first.message}`)}`

const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name)

const written = (value: unknown): string => clip(JSON.stringify(value) ?? String(value))

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)
