import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { Ward } from '../../e2e/open-ward.ts'
import * as screens from '../../e2e/screens.ts'
import { clearTextIn } from '../../support/clear-text.ts'
import { type House, openHouse } from './open-house.ts'
import { openSeat } from './open-seat.ts'

const willow = 'ws-willow-4'
const rowan = 'ws-rowan-2'

let house: House
let seats: Ward[] = []
test.beforeEach(async () => {
  // The tests walk faster than anybody.
  house = await openHouse({ 'badge.walkTime': 0 })
})
test.afterEach(async () => {
  await Promise.all(seats.splice(0).map((seat) => seat.close()))
  await house.dispose()
})

const open = async (workstation: string): Promise<Ward> => {
  const seat = await openSeat(house, workstation)
  seats.push(seat)
  await screens.locked(seat.shell)
  return seat
}

const signIn = async (seat: Ward, person: string, name: string): Promise<void> => {
  await seat.hand.key(person)
  // A reader that was only just found hears no badge that came before.
  const workspace = seat.shell.getByRole('heading', { name: `Signed in ${name}` })
  await expect(async () => {
    await seat.hand.tap(person)
    const timeout = 10_000
    await expect(workspace, await seat.shell.locator('body').innerText()).toBeVisible({ timeout })
  }).toPass({ timeout: 60_000 })
}

const patientIn = (page: Page) => page.locator('body').innerText()

test('a session follows its person from one workstation to another, and the seat it left answers', async () => {
  const a = await open(willow)
  house.choose(1)
  const b = await open(rowan)
  await signIn(a, 'mary', 'Mary Underwood')
  const before = await patientIn(await a.view('ehr'))

  const from = await a.hand.mark()
  await signIn(b, 'mary', 'Mary Underwood')
  await expect(b.shell.getByText(/Continued from Bay 4, bed 12/)).toBeVisible()
  await expect(a.shell.getByText(/Continued at Bay 2, bed 7/)).toBeVisible()
  await a.hand.waitFor('the slot of the left seat', (what) => what['type'] === 'slot-cleared', {
    from,
    timeout: 60_000,
  })
  expect(await a.host.visibleViews()).toHaveLength(0)
  expect(await patientIn(await b.view('ehr'))).toBe(before)

  // And back: nobody is refused because of a session elsewhere (R4).
  await signIn(a, 'mary', 'Mary Underwood')
  await expect(b.shell.getByText(/Continued at Bay 4, bed 12/)).toBeVisible()
  const verified = await house.lanyard('verify')
  expect(verified.code).toBe(0)
  const rows = await house.database.admin(
    `select count(*)::int as moves, count(secured_at)::int as secured, count(unsecured_at)::int as open from lanyard.handovers`,
  )
  expect(rows).toEqual([{ moves: 2, secured: 2, open: 0 }])

  const { token } = JSON.parse(await readFile(join(a.directory, 'seat.json'), 'utf8')) as {
    readonly token: string
  }
  const secrets = {
    'a private key': /"d" ?:|PRIVATE KEY/,
    'a token': /eyJ[\w-]{20,}\.[\w-]+|"access_token"/,
    'the enrolment token': new RegExp(token),
    'a person': /Underwood/,
  }
  // Written by the test itself.
  const kept = await clearTextIn(a.directory, secrets, ['seat.json', 'control.json'])
  expect(kept.files).toBeGreaterThan(5)
  expect(kept.found).toEqual([])
})

test('a node dies under its seats: they go on at the other, and nobody is signed out', async () => {
  const a = await open(willow)
  await signIn(a, 'jonas', 'Jonas Okafor-Lind')
  await a.view('ehr')
  house.nodes[0]?.signal('SIGKILL')
  house.choose(1)
  house.network.cut()
  await a.shell.getByRole('button', { name: 'Lock' }).click()
  await screens.lockedBy(a.shell, 'Jonas O.')
  await expect(async () => {
    await a.hand.tap('jonas')
    await screens.workspaceOf(a.shell, 'Jonas Okafor-Lind')
  }).toPass({ timeout: 60_000 })
  const live = await house.database.admin(
    `select count(*)::int as live from lanyard.sessions where ended_at is null`,
  )
  expect(live).toEqual([{ live: 1 }])
})

test('IT takes a workstation out of service: within two seconds nothing of it can be used', async () => {
  const a = await open(willow)
  await signIn(a, 'mary', 'Mary Underwood')
  await a.view('ehr')
  await house.lanyard('workstation', 'disable', willow)
  await expect(a.shell.getByText(/out of service/).first()).toBeVisible({ timeout: 2_000 })
  await expect.poll(() => a.host.visibleViews()).toHaveLength(0)
})

/** While something of the house is lost, and found again: what is done meanwhile is taken over. */
async function goOnAlone(lose: () => unknown, find: () => unknown) {
  const a = await open(willow)
  await signIn(a, 'mary', 'Mary Underwood')
  await a.view('ehr')
  await screens.signOut(a.shell)
  await screens.locked(a.shell)
  await lose()
  await expect(a.shell.getByText(/Offline since/).first()).toBeVisible({ timeout: 30_000 })
  await signIn(a, 'mary', 'Mary Underwood')
  await expect(
    a.shell.getByText(/cannot be opened while the network is down/).first(),
  ).toBeVisible()

  await find()
  await expect(a.shell.getByText(/Offline since/)).toHaveCount(0, { timeout: 60_000 })
  await expect(a.shell.getByRole('heading', { name: 'Signed in Mary Underwood' })).toBeVisible()
  // Nobody had to ask for it.
  await a.view('ehr')
  const live = await house.database.admin(
    `select person_id, workstation_id from lanyard.sessions where ended_at is null`,
  )
  expect(live).toEqual([{ person_id: 'mary', workstation_id: willow }])
  expect((await house.lanyard('verify')).code).toBe(0)
}

test('without the network people go on where they were seen, and the house takes over what they did', () =>
  goOnAlone(
    () => {
      house.network.refusing = true
      house.network.cut()
    },
    () => (house.network.refusing = false),
  ))

test('without the database of the house nobody is locked out: they go on alone, and it takes that over', () =>
  // The nodes and the network are well, and can do nothing.
  goOnAlone(
    () => house.database.stop('immediate'),
    () => house.database.start(),
  ))
