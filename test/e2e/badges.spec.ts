import { expect, test } from '@playwright/test'
import { openWard } from './open-ward.ts'
import * as screens from './screens.ts'

const policy = { 'tap.ignoreAgain': 0, 'tap.debounce': 0 }
const unknown = { facility: 7, number: 4021 }

test('an unknown badge becomes hers with two taps and a passkey, is lost, found, and told of', async () => {
  const ward = await openWard({ policy })
  try {
    const { shell, hand } = ward
    const button = (name: string | RegExp) => shell.getByRole('button', { name })
    const tapIt = async (card = unknown) => {
      // The reader sees the badge leave before it comes again.
      await shell.waitForTimeout(1_000)
      await hand.do({ do: 'reader', command: { do: 'tap', ...card } })
    }
    await hand.key('mary')
    await hand.tap('mary')
    await screens.workspaceOf(shell, 'Mary Underwood')

    await tapIt()
    await button('Add this badge to my account').click()
    // The refused tap was the first of two.
    await expect(shell.getByRole('heading', { name: 'Tap the same badge again' })).toBeVisible()
    await tapIt({ facility: 7, number: 4022 })
    await expect(shell.getByRole('heading', { name: 'The taps do not match' })).toBeVisible()
    await shell.keyboard.press('Escape')

    await screens.menu(shell, 'My badges')
    await button('Add a badge').click()
    await expect(shell.getByRole('heading', { name: 'Tap the new badge' })).toBeVisible()
    await tapIt()
    await expect(shell.getByRole('heading', { name: 'Tap the same badge again' })).toBeVisible()
    await tapIt()
    await shell.getByRole('textbox').fill('Blue strap')
    await button('Add badge').click()
    await expect(shell.getByRole('heading', { name: 'Badge added' })).toBeVisible()
    await shell.keyboard.press('Escape')
    await expect(shell.getByRole('heading', { name: 'Blue strap' })).toBeVisible()
    await shell.keyboard.press('Escape')
    await screens.workspaceOf(shell, 'Mary Underwood')
    await screens.signOut(shell)

    await tapIt()
    await screens.workspaceOf(shell, 'Mary Underwood')
    // Not in the session that added it: whoever finds that open must not wave the notice away.
    await expect(shell.getByText(/New badge on your account/)).toBeVisible()
    await button('That was me').click()
    await expect(shell.getByText(/New badge on your account/)).toBeHidden()
    await screens.menu(shell, 'My badges')
    await button('Report lost: Blue strap').click()
    await expect(shell.getByText('Reported lost')).toBeVisible()
    await shell.keyboard.press('Escape')
    await screens.signOut(shell)

    await tapIt()
    await expect(shell.getByText('This badge cannot be used here.')).toBeVisible()
    await hand.tap('mary')
    await screens.workspaceOf(shell, 'Mary Underwood')
    await expect(shell.getByText(/Your lost badge was tapped/)).toBeVisible()
    await screens.menu(shell, 'My badges')
    await button('Found it: Blue strap').click()
    // The passkey is asked first; Escape before it has answered would leave the badge lost.
    await expect(button('Report lost: Blue strap')).toBeVisible()
    await expect(shell.getByText('Reported lost')).toBeHidden()
    await shell.keyboard.press('Escape')
    await screens.signOut(shell)
    await tapIt()
    await screens.workspaceOf(shell, 'Mary Underwood')
  } finally {
    await ward.close()
  }
})

test('on the test page taps are explained, with digits only when asked, and sign nobody in', async () => {
  const ward = await openWard({ policy })
  try {
    const { shell, hand } = ward
    await hand.key('iva')
    await hand.tap('iva')
    await screens.workspaceOf(shell, 'Iva Lindqvist')
    await screens.menu(shell, 'Test readers')
    await expect(shell.getByRole('heading', { name: 'Test readers' })).toBeVisible()
    await expect(shell.getByText('RF IDeas pcProx / WAVE ID').first()).toBeVisible()
    await shell.waitForTimeout(1_000)
    await hand.tap('mary')
    await expect(shell.getByText('WIEGAND|H10301|26|•18|••03')).toBeVisible()
    // The newest is first; a badge that still lay on the reader when the page opened is below it.
    await expect(shell.getByText('Badge in use').first()).toBeVisible()
    expect(await shell.getByText('1603').count()).toBe(0)
    await expect(shell.getByText('Mary')).toHaveCount(0)

    await shell.getByRole('switch', { name: 'Show digits' }).press('Space')
    await shell.waitForTimeout(1_000)
    await hand.do({ do: 'reader', command: { do: 'tap', ...unknown } })
    await expect(shell.getByText('WIEGAND|H10301|26|7|4021')).toBeVisible()
    await expect(shell.getByText('Nobody’s badge')).toBeVisible()

    await shell.keyboard.press('Escape')
    await screens.workspaceOf(shell, 'Iva Lindqvist')
    await shell.waitForTimeout(1_000)
    // The page is closed: a colleague's tap is a tap again.
    await hand.tap('mary')
    await expect(shell.getByText('Mary U.')).toBeVisible()
  } finally {
    await ward.close()
  }
})

test('a reader that types is heard on the lock screen, and keys elsewhere are the person’s', async () => {
  const ward = await openWard({
    policy: {
      ...policy,
      'badge.wedge': { prefix: ['Backquote'], suffix: ['Enter'], length: 8, digits: 'decimal' },
      'badge.profiles': [
        {
          reader: 'wedge',
          cards: 'wiegand',
          format: 'H10301',
          length: null,
          parity: 'restore',
          written: 'facility-number',
          facilityDigits: 3,
        },
      ],
    },
  })
  try {
    const { shell, hand } = ward
    const type = async (digits: string) => {
      for (const key of ['Backquote', ...Array.from(digits), 'Enter'])
        await shell.keyboard.press(key)
    }
    await hand.key('mary')
    await screens.locked(shell)
    await type('00700001')
    await expect(shell.getByText('This badge cannot be used here.')).toBeVisible()
    await type('11801603')
    await screens.workspaceOf(shell, 'Mary Underwood')

    // In her own session the same keys are typed, and mean nothing to Lanyard.
    await type('11801604')
    await screens.workspaceOf(shell, 'Mary Underwood')
    await expect(shell.getByText('Jonas')).toHaveCount(0)
  } finally {
    await ward.close()
  }
})
