import { expect, test } from '@playwright/test'
import { openWard, type Ward } from './open-ward.ts'
import * as screens from './screens.ts'

test.describe.configure({ mode: 'serial' })

let ward: Ward
const heading = (name: string | RegExp) => ward.shell.getByRole('heading', { name })
const button = (name: string) => ward.shell.getByRole('button', { name, exact: true })
const reader = (command: Record<string, unknown>) => ward.hand.do({ do: 'reader', command })

test.beforeAll(async () => {
  ward = await openWard({ policy: { 'tap.ignoreAgain': 0, 'tap.debounce': 0 } })
})
test.afterAll(() => ward.close())

for (const { fault, shown } of [
  { fault: 'unplug', shown: 'Badge reader unplugged' },
  { fault: 'hang', shown: 'Badge reader not responding' },
  { fault: 'babble', shown: 'Badge reader disturbed' },
]) {
  test(`a reader after "${fault}" is named, with a way in without it`, async () => {
    await reader({ do: fault })
    await expect(heading(shown)).toBeVisible({ timeout: 20_000 })
    await expect(button('Sign in without badge')).toBeVisible()
    await reader({ do: fault === 'unplug' ? 'plug' : 'calm' })
    await expect(heading('Tap your badge')).toBeVisible({ timeout: 20_000 })
  })
}

test('a badge that nobody owns gets the one text, and no name', async () => {
  // After a fault the reader sees an empty field first; what lies there already is no tap.
  await ward.shell.waitForTimeout(2_500)
  await reader({ do: 'tap', facility: 9, number: 4711 })
  await expect(ward.shell.getByText('This badge cannot be used here.')).toBeVisible()
  await expect(heading('Tap your badge')).toBeVisible()
})

test('two badges at once are nobody', async () => {
  await ward.shell.waitForTimeout(1_500)
  await reader({
    do: 'two',
    badges: [
      { facility: 118, number: 1603 },
      { facility: 118, number: 1604 },
    ],
  })
  await expect(ward.shell.getByText('Two badges were read.')).toBeVisible()
  await reader({ do: 'remove' })
  await expect(heading('Tap your badge')).toBeVisible()
})

test('somebody else’s key does not open a tapped badge, and the own key then does', async () => {
  await ward.shell.waitForTimeout(1_500)
  await ward.hand.key('jonas')
  await ward.hand.tap('mary')
  await expect(heading(/No passkey found|Passkey window closed|Somebody else/)).toBeVisible()
  await ward.hand.key('mary')
  await button('Try again').click()
  await screens.workspaceOf(ward.shell, 'Mary Underwood')
  await screens.signOut(ward.shell)
  await screens.locked(ward.shell)
})

test('a touch without user verification is not enough', async () => {
  // The same badge again within 3 s would be the tap of before.
  await ward.shell.waitForTimeout(3_200)
  await ward.hand.do({ do: 'verified', verified: false })
  await ward.hand.key('mary')
  await ward.hand.tap('mary')
  await expect(button('Try again')).toBeVisible()
  await expect(ward.shell.locator('.workspace')).toHaveCount(0)
  await ward.hand.do({ do: 'verified', verified: true })
  await ward.shell.keyboard.press('Escape')
  await screens.locked(ward.shell)
})

test('by keyboard alone: in without a badge, lock, and the shield stays down', async () => {
  await ward.hand.key('mary')
  for (let press = 0; press < 12; press += 1) {
    if (await button('Sign in without badge').evaluate((node) => node === document.activeElement))
      break
    await ward.shell.keyboard.press('Tab')
  }
  await expect(button('Sign in without badge')).toBeFocused()
  await ward.shell.keyboard.press('Enter')
  await screens.workspaceOf(ward.shell, 'Mary Underwood')
  await ward.shell.keyboard.press('Control+l')
  await screens.lockedBy(ward.shell, 'Mary U.')
  await ward.shell.keyboard.press('Escape')
  await expect(heading('Locked by Mary U.')).toBeVisible()
  expect(await ward.host.visibleViews()).toEqual([])
})
