import { expect, test } from '@playwright/test'
import { openWard } from './open-ward.ts'
import * as screens from './screens.ts'

test('a person without a passkey makes one with a setup code, adds a second, removes the first', async () => {
  const ward = await openWard({
    sandbox: { withoutKey: ['sam'] },
    policy: { 'tap.ignoreAgain': 0, 'tap.debounce': 0 },
  })
  try {
    const { shell, hand } = ward
    const button = (name: string | RegExp) => shell.getByRole('button', { name })
    await hand.key('sam')
    await hand.tap('sam')
    await expect(shell.getByRole('heading', { name: 'Set up a passkey first' })).toBeVisible()
    await button('Enter a setup code').click()
    await shell.getByRole('textbox').fill('not-the-code-1')
    await button('Continue').click()
    await expect(shell.getByText('This code is not valid here.')).toBeVisible()
    await shell.getByRole('textbox').fill('sandbox-sam-1606')
    await button('Continue').click()
    await shell.getByRole('textbox').fill('Blue key')
    await button('Create passkey').click()
    await expect(shell.getByRole('heading', { name: 'Passkey created' })).toBeVisible()
    await button('Done').click()
    await screens.locked(shell)

    await shell.waitForTimeout(1_000)
    await hand.tap('sam')
    await screens.workspaceOf(shell, 'Sam Tarrant')
    await screens.menu(shell, 'My passkeys')
    await expect(shell.getByText('Blue key')).toBeVisible()
    expect(await ward.host.visibleViews()).toEqual([])
    await button('Add a passkey').click()
    await hand.key('a spare key of sam')
    await shell.getByRole('textbox').fill('Spare key')
    await button('Create passkey').click()
    await expect(shell.getByRole('heading', { name: 'Passkey created' })).toBeVisible()
    await button('Done').click()
    await expect(shell.getByText('Spare key')).toBeVisible()
    await button('Remove Blue key').click()
    await button('Remove passkey').click()
    await expect(shell.getByText('Blue key')).toBeHidden()
    await shell.keyboard.press('Escape')
    await screens.signOut(shell)

    await shell.waitForTimeout(1_000)
    await hand.key('sam')
    await hand.tap('sam')
    await expect(button('Try again')).toBeVisible()
    await hand.key('a spare key of sam')
    await button('Try again').click()
    await screens.workspaceOf(shell, 'Sam Tarrant')
  } finally {
    await ward.close()
  }
})
