import type { Screen } from '../../preload/shown/screen.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { badgeSamples } from './samples-badges.ts'
import { emergencySamples } from './samples-emergency.ts'
import { enrolmentSamples } from './samples-enrolment.ts'
import { lockSamples } from './samples-lock.ts'
import { readerSamples } from './samples-readers.ts'
import { signInSamples } from './samples-sign-in.ts'
import { workspaceSamples } from './samples-workspace.ts'
import { now } from './people.ts'

/** One state of the shell, with a stable id for links, screenshots and tests. */
export interface Sample {
  readonly id: string
  readonly screen: Screen
  readonly reader?: Snapshot['reader']
  readonly authority?: Snapshot['authority']
  /** Another sample has all but the words: these have to fit, the rest is tried there. */
  readonly wordsOnly?: true
}

/** Every screen in every state; a union arm without a sample fails samples.test.ts. */
export const samples: readonly Sample[] = [
  ...lockSamples,
  ...signInSamples,
  ...workspaceSamples,
  ...emergencySamples,
  ...enrolmentSamples,
  ...badgeSamples,
  ...readerSamples,
]

export const sampleIds: readonly string[] = samples.map(({ id }) => id)

export const snapshotOf = (
  sample: Sample,
  { locale, theme }: Pick<Snapshot, 'locale' | 'theme'>,
): Snapshot => ({
  version: 1,
  workstation: { name: 'W3-NURSE-02', place: 'Ward 3 East, nurses’ station' },
  locale,
  theme,
  now,
  authority: sample.authority ?? { state: 'online', since: now - 3_600_000 },
  reader: sample.reader ?? 'ready',
  screen: sample.screen,
})
