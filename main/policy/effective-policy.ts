import { settings, type Policy, type SettingName } from './settings.ts'

/** Values that a site gave, each already inside its own ceiling. */
export type GivenPolicy = { readonly [N in SettingName]?: Policy[N] }

/** A value that another rule changed. */
export interface Adjustment {
  readonly setting: SettingName
  readonly got: number
  readonly used: number
  readonly why: string
}

/** Inactivity before the shield where a site gives none (docs/security.md, Assurance). */
const inactivityByKind: Readonly<Record<Policy['workstation.kind'], number>> = {
  corridor: 60_000,
  ward: 5 * 60_000,
  resuscitation: 10 * 60_000,
}

/** People need this long to notice a countdown and stop it (WCAG 2.2.1). */
const leastCountdownMs = 20_000

/** What every setting is when nothing sets it. */
export function defaultPolicy(): Policy {
  const entries = Object.entries(settings).map(([name, { default: value }]) => [name, value])
  return Object.fromEntries(entries) as Policy
}

/**
 * The policy that holds: given values, defaults for the rest, then the rules between settings. Only
 * a trial (sandbox, tests) may count down faster than 20 s. What a rule changed is in `adjusted`.
 */
export function effectivePolicy(
  given: GivenPolicy,
  { trial = false }: { readonly trial?: boolean } = {},
): { readonly policy: Policy; readonly adjusted: readonly Adjustment[] } {
  const filled: Policy = { ...defaultPolicy(), ...given }
  const inactivity = given['shield.inactivity'] ?? inactivityByKind[filled['workstation.kind']]
  const countdown = trial
    ? Math.min(filled['shield.countdown'], inactivity)
    : Math.max(filled['shield.countdown'], leastCountdownMs)
  const policy: Policy = {
    ...filled,
    'shield.countdown': countdown,
    'shield.inactivity': Math.max(inactivity, countdown),
    'emergency.reviewEscalates': Math.max(
      filled['emergency.reviewEscalates'],
      filled['emergency.reviewDue'],
    ),
  }
  const adjusted = (Object.keys(whyAdjusted) as (keyof typeof whyAdjusted)[]).flatMap((setting) => {
    const got = given[setting]
    const used = policy[setting]
    return got === undefined || got === used
      ? []
      : [{ setting, got, used, why: whyAdjusted[setting] }]
  })
  return { policy, adjusted }
}

const whyAdjusted = {
  'shield.countdown': 'A countdown lasts 20 s at least, so that people can stop it.',
  'shield.inactivity': 'The countdown runs inside the time of inactivity and cannot be longer.',
  'emergency.reviewEscalates': 'A review cannot escalate before it is due.',
} as const satisfies Partial<Record<SettingName, string>>
