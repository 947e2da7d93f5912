import { type Policy, type SettingName, settings } from '../../policy/settings.ts'

export interface LivePolicy {
  /** Every setting as it is at the moment of reading; services keep this object, not its values. */
  readonly policy: Policy
  change(next: Policy): void
}

/** A policy that can change while services hold it. */
export function createLivePolicy(initial: Policy): LivePolicy {
  let current = initial
  const names = Object.keys(settings) as SettingName[]
  const policy = Object.defineProperties(
    {},
    Object.fromEntries(
      names.map((name) => [name, { enumerable: true, get: () => current[name] }] as const),
    ),
  ) as Policy
  return { policy, change: (next) => void (current = next) }
}
