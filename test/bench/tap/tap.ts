import type { Page } from '@playwright/test'
import type { LanyardBridge } from '../../../preload/contract.ts'
import { openWard, type Ward } from '../../e2e/open-ward.ts'
import * as screens from '../../e2e/screens.ts'
import { type Figure, figure, percentile, type Report } from '../figures.ts'

/*
 * What a tap costs, from the last byte of the reader's report to the paint, beside the floor of this
 * machine measured in between.
 */

/** Milliseconds of an empty call, and of one with a changed and painted frame after it. */
const floorOnce = (shell: Page): Promise<{ call: number; painted: number }> =>
  shell.evaluate(async () => {
    const { lanyard } = window as unknown as { lanyard: LanyardBridge }
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    await frame()
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 17))
    const start = performance.now()
    await lanyard.call('shell.ping', {})
    const called = performance.now()
    document.documentElement.dataset['floor'] = String(start)
    await frame()
    await frame()
    return { call: called - start, painted: performance.now() - start }
  })

const legNames = ['read', 'resolve', 'person', 'verify', 'policy', 'switch', 'painted'] as const

interface Tap extends Partial<Record<(typeof legNames)[number], number | null>> {
  readonly outcome: string
  readonly total: number
  readonly coverPainted: number | null
  readonly painted: number
}

async function tap(ward: Ward, person: string, name: string): Promise<Tap> {
  const from = await ward.hand.mark()
  await ward.hand.tap(person)
  const line = await ward.hand.waitFor(
    `the tap of ${person}`,
    (what) =>
      what['type'] === 'tap' && ['signed-in', 'resumed'].includes((what['tap'] as Tap).outcome),
    { from, timeout: 20_000 },
  )
  await screens.workspaceOf(ward.shell, name)
  return line.what['tap'] as Tap
}

/** The reader must have seen the badge leave before the next one counts. */
const settle = (ward: Ward) => ward.shell.waitForTimeout(1_300)

async function lock(ward: Ward, label: string): Promise<void> {
  await ward.shell.getByRole('button', { name: 'Lock' }).click()
  await screens.lockedBy(ward.shell, label)
}

const policy = { 'tap.ignoreAgain': 0, 'tap.debounce': 0 }
const floor: number[] = []
const calls: number[] = []
const warm: number[] = []
const grace: number[] = []
const graceLegs: Tap[] = []
const warmLegs: Tap[] = []
const shield: number[] = []
const workspace: number[] = []

async function measureFloor(ward: Ward, times: number): Promise<void> {
  for (let run = 0; run < times; run += 1) {
    const { call, painted } = await floorOnce(ward.shell)
    floor.push(painted)
    calls.push(call)
  }
}

/** Every lift and switch with a passkey: no grace. */
async function withPasskey(runs: number): Promise<void> {
  const ward = await openWard({ policy: { ...policy, 'session.tapGrace': 0 } })
  try {
    for (const [person, name] of [
      ['mary', 'Mary Underwood'],
      ['jonas', 'Jonas Okafor-Lind'],
    ] as const) {
      await ward.hand.key(person)
      await tap(ward, person, name)
      await ward.view('ehr')
      await ward.view('imaging')
      await settle(ward)
    }
    for (let run = 0; run < runs; run += 1) {
      await ward.hand.key('mary')
      const switched = await tap(ward, 'mary', 'Mary Underwood')
      shield.push(switched.coverPainted ?? Number.NaN)
      workspace.push(switched.painted)
      await settle(ward)
      await lock(ward, 'Mary U.')
      const lifted = await tap(ward, 'mary', 'Mary Underwood')
      warm.push(lifted.total)
      warmLegs.push(lifted)
      await settle(ward)
      await measureFloor(ward, 3)
      await ward.hand.key('jonas')
      const back = await tap(ward, 'jonas', 'Jonas Okafor-Lind')
      shield.push(back.coverPainted ?? Number.NaN)
      workspace.push(back.painted)
      await settle(ward)
    }
  } finally {
    await ward.close()
  }
}

/** Within the grace time the tap alone lifts the shield. */
async function withGrace(runs: number): Promise<void> {
  const ward = await openWard({ policy })
  try {
    await ward.hand.key('mary')
    await tap(ward, 'mary', 'Mary Underwood')
    await ward.view('ehr')
    await settle(ward)
    for (let run = 0; run < runs; run += 1) {
      await lock(ward, 'Mary U.')
      const lifted = await tap(ward, 'mary', 'Mary Underwood')
      grace.push(lifted.total)
      graceLegs.push(lifted)
      await settle(ward)
      await measureFloor(ward, 1)
    }
  } finally {
    await ward.close()
  }
}

/** Where the time of a median tap goes; for people, so not on standard output. */
function tellLegs(name: string, taps: readonly Tap[]): void {
  const legs = legNames.map((leg) => {
    const values = taps.flatMap((one) => (typeof one[leg] === 'number' ? [one[leg]] : []))
    return values.length === 0 ? '' : `${leg} ${percentile(values, 0.5).toFixed(1)}`
  })
  process.stderr.write(`${name} by leg, p50 in ms: ${legs.filter(Boolean).join(', ')}\n`)
}

/** At least thirty runs of each, or a 95th percentile means nothing. */
export async function benchTap({ runs, tell }: { runs: number; tell: Report }): Promise<void> {
  const times = Math.max(30, runs)
  await withPasskey(times)
  await withGrace(times)
  tellLegs('tap.warm', warmLegs)
  tellLegs('tap.grace', graceLegs)
  const figures: readonly Figure[] = [
    figure('tap.warm', warm, floor),
    figure('tap.grace', grace, floor),
    figure('switch.shield', shield, floor),
    figure('switch.workspace', workspace, floor),
    figure('ipc.call', calls, floor),
  ]
  for (const one of figures) tell(one)
}
