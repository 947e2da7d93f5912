/* One path, end to end: what the guest's kernel gets from a reader, on the lock screen of the host. */
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { openWard, type Ward } from '../../e2e/open-ward.ts'
import * as screens from '../../e2e/screens.ts'
import { startGuestMachine, type GuestMachine } from './guest-machine.ts'
import type { JournalLine } from './journal.ts'

test.describe.configure({ mode: 'serial' })

let guest: GuestMachine
let ward: Ward
const heading = (name: string | RegExp) => ward.shell.getByRole('heading', { name })
const reader = (command: Record<string, unknown>) => ward.hand.do({ do: 'reader', command })

test.beforeAll(async () => {
  guest = await startGuestMachine()
  ward = await openWard({
    policy: { 'tap.ignoreAgain': 0, 'tap.debounce': 0 },
    sandbox: {
      reader: { entry: join(import.meta.dirname, 'bridge.ts'), arguments: [...guest.bridge] },
    },
  })
})
test.afterEach(async () => {
  if (test.info().status === 'passed') return
  const diary = await ward.hand.diary().catch(() => [])
  for (const line of [...(await guest.journal()), ...diary.slice(-30)])
    console.log(JSON.stringify(line))
  console.log(guest.printed())
})
test.afterAll(async () => {
  await ward.close()
  await guest.off()
})

const readerReady = () =>
  expect(ward.shell.getByText('Reader ready')).toBeVisible({ timeout: 30_000 })

/** After everything in the journal so far, on the clock that its times are of. */
const now = async () => ((await guest.journal()).at(-1)?.at ?? 0) + 0.001

/** The first line of the journal after `from` that says `what`; times are of the host's clock. */
async function seen(what: JournalLine['what'], from = 0): Promise<JournalLine> {
  let found: JournalLine | undefined
  await expect
    .poll(
      async () => {
        found = (await guest.journal()).find((line) => line.what === what && line.at >= from)
        return found?.what
      },
      { timeout: 60_000, intervals: [50] },
    )
    .toBe(what)
  if (!found) throw new Error(`The journal has no "${what}".`)
  return found
}

/** When the first screen of this name after line `from` was on the glass, on the host's clock. */
async function paintedAt(screen: string, from: number): Promise<number> {
  const shown = await ward.hand.waitFor(`screen ${screen}`, (what) => what['screen'] === screen, {
    from,
  })
  const version = Number(shown.what['version'])
  const painted = await ward.hand.waitFor(
    `the paint of version ${version}`,
    (what) => what['type'] === 'painted' && Number(what['version']) >= version,
    { from },
  )
  return painted.at
}

/** Of an emulated CPU: what the path costs at most. */
const figure = (name: string, ms: number) =>
  console.log(`FIGURE ${name}: ${Math.round(ms)} ms (upper bound: emulated CPU)`)

test('the reader of the guest is ready on the lock screen of the host', async () => {
  const { detail } = await seen('up')
  console.log(`guest up, ${detail}`)
  await readerReady()
  await expect(heading('Tap your badge')).toBeVisible()
  await seen('empty field')
})

test('a report to the kernel becomes the verify screen of whose badge it is, and green', async () => {
  await ward.hand.key('jonas')
  const from = await ward.hand.mark()
  await ward.hand.tap('mary')
  await expect(ward.shell.getByText('Mary U.').first()).toBeVisible()
  const { at } = await seen('card')
  const painted = await paintedAt('verifying', from)
  figure('card report in the kernel to the painted verify screen', painted - at)
  const { at: green } = await seen('lamp green', at)
  figure('card report in the kernel to the green lamp', green - at)
  await seen('lamp own', green)
})

test('with the passkey of the person, it becomes the workspace', async () => {
  await expect(heading(/No passkey found|Passkey window closed|Somebody else/)).toBeVisible()
  await ward.hand.key('mary')
  await ward.shell.getByRole('button', { name: 'Try again', exact: true }).click()
  await screens.workspaceOf(ward.shell, 'Mary Underwood')
  await screens.signOut(ward.shell)
  await screens.locked(ward.shell)
})

test('with the key in its port, a tap alone is enough for the workspace', async () => {
  const from = await ward.hand.mark()
  const before = await now()
  await ward.hand.tap('mary')
  await screens.workspaceOf(ward.shell, 'Mary Underwood')
  const { at } = await seen('card', before)
  figure(
    'card report in the kernel to the painted workspace',
    (await paintedAt('active', from)) - at,
  )
  await screens.signOut(ward.shell)
  await screens.locked(ward.shell)
})

test('a badge that nobody owns is refused on the screen, and by the red lamp', async () => {
  const from = await now()
  await reader({ do: 'tap', facility: 9, number: 4711 })
  await expect(ward.shell.getByText('This badge cannot be used here.')).toBeVisible()
  await seen('lamp red', from)
  await expect(heading('Tap your badge')).toBeVisible()
})

test('an unplugged reader is named on the lock screen, and is back after its replug', async () => {
  await reader({ do: 'unplug' })
  await expect(heading('Badge reader unplugged')).toBeVisible()
  const replugged = await now()
  await reader({ do: 'plug' })
  await readerReady()
  await expect(heading('Tap your badge')).toBeVisible()
  // What lies there at the replug is no tap.
  const { at: from } = await seen('empty field', replugged)
  await ward.hand.key(null)
  await ward.hand.tap('jonas')
  await seen('card', from)
  await expect(ward.shell.getByText('Jonas O.').first()).toBeVisible()
  await ward.shell.keyboard.press('Escape')
  await screens.locked(ward.shell)
})

test('at its end the agent gives the reader of the guest back as it was', async () => {
  await ward.close()
  const { detail } = await seen('exited')
  expect(detail).toBe('code 0, reader as found')
})
