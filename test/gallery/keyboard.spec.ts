import type { Page } from '@playwright/test'
import { expect, test } from './gallery-test.ts'

/** The calls of the page that are actions, without what it reports by itself. */
const actions = (page: Page) =>
  page.evaluate(() =>
    (window.galleryCalls ?? []).filter(({ name }) => !/^shell\.(?:painted|activity)$/.test(name)),
  )

const tabTo = async (page: Page, name: string) => {
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      return element?.getAttribute('aria-label') ?? element?.textContent
    })
    if (focused === name) return
  }
  throw new Error(`Tab never reached "${name}".`)
}

test.describe('with the keyboard alone', () => {
  test('the lock screen leads to a sign-in without badge', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'locked')
    await expect(page.locator('h1')).toBeFocused()
    await tabTo(page, 'Sign in without badge')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'signIn.withoutBadge', input: {} }])
  })

  test('Enter opens the passkey window, Esc goes back', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'verifying')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('status').first()).toContainText('Answer the passkey window')
    await page.keyboard.press('Escape')
    expect(await actions(page)).toEqual([{ name: 'signIn.cancel', input: {} }])
  })

  test('an automatic ceremony starts without a key', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'verifying.auto')
    await expect(page.getByRole('status').first()).toContainText('Answer the passkey window')
    await expect(page.getByRole('button', { name: 'Use passkey' })).toHaveCount(0)
  })

  test('an emergency access asks for reason and sentence before it is sent', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'fallback.form')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Choose a reason.')).toBeVisible()
    await expect(page.getByText('Write at least ten characters.')).toBeVisible()
    expect(await actions(page)).toEqual([])

    await page.getByRole('radio', { name: 'My security key does not work' }).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await page.keyboard.type('  Medication round in bay 4.  ')
    await tabTo(page, 'Start emergency access')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([
      {
        name: 'fallback.submit',
        input: { reason: 'key-broken', note: 'Medication round in bay 4.' },
      },
    ])
  })

  test('breaking the glass needs a patient number, a reason and a sentence', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'override')
    await page.getByLabel('Patient number').focus()
    await page.keyboard.type('Doe, Jane')
    await tabTo(page, 'Break the glass')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Use letters, digits, dots and dashes only')).toBeVisible()
    expect(await actions(page)).toEqual([])

    await page.getByLabel('Patient number').fill('MRN-20417')
    await page.getByRole('radio', { name: 'Emergency treatment' }).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Collapsed in the corridor.')
    await tabTo(page, 'Break the glass')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([
      {
        name: 'override.submit',
        input: {
          patient: 'MRN-20417',
          reason: 'emergency-treatment',
          note: 'Collapsed in the corridor.',
        },
      },
    ])
  })

  test('the warning offers to stay: Enter and any key do, Tab leads to locking', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'warning')
    await expect(page.getByRole('alertdialog')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Stay signed in' })).toBeFocused()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'seat.lock', input: {} }])

    await gallery.show(page, 'locked')
    await gallery.show(page, 'warning')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'seat.stay', input: {} }])

    await gallery.show(page, 'locked')
    await gallery.show(page, 'warning')
    await page.mouse.click(5, 5)
    expect(await actions(page)).toEqual([{ name: 'seat.stay', input: {} }])
  })

  for (const id of ['locked', 'verifying', 'active', 'override', 'warning', 'reviews'])
    test(`Ctrl+L locks at once: ${id}`, async ({ gallery }) => {
      const page = await gallery.page()
      await gallery.show(page, id)
      await page.keyboard.press('Control+l')
      expect(await actions(page)).toEqual([{ name: 'seat.lock', input: {} }])
    })

  test('"Lock now?" takes Enter for yes and Esc for no', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'active.banner.lock-now')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    expect(await actions(page)).toEqual([
      { name: 'seat.lock', input: {} },
      { name: 'seat.stay', input: {} },
    ])
  })

  test('the menu opens, signs out, and Esc closes it without leaving the panel', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'passkeys')
    await page.getByRole('button', { name: 'Menu' }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('menu')).toHaveCount(0)
    expect(await actions(page)).toEqual([])

    await page.keyboard.press('Enter')
    await page.keyboard.type('Sign')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'seat.signOut', input: {} }])
  })

  test('language and display change from the lock screen', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'locked')
    await tabTo(page, 'Language and display')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Deutsch')
    await page.keyboard.press('Enter')
    await expect(page.locator('h1')).toHaveText('Ausweis auflegen')
  })

  test('a passkey is removed only after a second question', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'passkeys')
    await tabTo(page, 'Remove Blue key on my keyring')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused()
    expect(await actions(page)).toEqual([])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'passkeys.revoke', input: { passkeyId: 'one' } }])
  })

  test('a badge is detached only after a second question, and the focus comes back', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'badges')
    await tabTo(page, 'Detach Loaner 14')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Detach Loaner 14' })).toBeFocused()
    expect(await actions(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'badges.detach', input: { cardId: 'two' } }])
  })

  test('badges are reported lost, found, extended and added', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'badges')
    for (const name of [
      'Add second chip of this card: Staff card on the blue strap',
      'Report lost: Loaner 14',
      'Found it: Old card',
      'Add a badge',
    ]) {
      await tabTo(page, name)
      await page.keyboard.press('Enter')
    }
    expect(await actions(page)).toEqual([
      { name: 'badges.add', input: { sameCard: 'one' } },
      { name: 'badges.lost', input: { cardId: 'two' } },
      { name: 'badges.found', input: { cardId: 'three' } },
      { name: 'badges.add', input: { sameCard: null } },
    ])
  })

  test('a new badge is named, kept or lent, and may replace one that is kept', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'badge-enrolment.form')
    const name = page.getByRole('textbox', { name: 'Name' })
    await name.fill(' ')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Give the badge a name.')).toBeVisible()
    await page.getByRole('radio', { name: 'Yes, “Loaner 14”' }).focus()
    await page.keyboard.press('Space')
    await name.fill(' Second card ')
    await page.keyboard.press('Enter')

    // What was to be replaced is kept when the new one is only lent.
    await page.getByRole('radio', { name: 'Loaner, this shift only' }).focus()
    await page.keyboard.press('Space')
    await tabTo(page, 'Add badge')
    await page.keyboard.press('Enter')
    const given = { name: 'Second card', kind: 'permanent', replaces: 'two' }
    expect(await actions(page)).toEqual([
      { name: 'badges.assign', input: given },
      { name: 'badges.assign', input: { ...given, kind: 'loaner', replaces: null } },
    ])
  })

  test('a card of the stock of loaners can only be lent', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'badge-enrolment.form.loaner-only')
    await expect(page.getByRole('radio')).toHaveCount(0)
    await tabTo(page, 'Add badge')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([
      { name: 'badges.assign', input: { name: 'My badge', kind: 'loaner', replaces: null } },
    ])
  })

  test('news is answered: what was added can be disputed, what is over only seen', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'active.notice.badge-added')
    for (const name of ['That was me', 'That was not me']) {
      await tabTo(page, name)
      await page.keyboard.press('Enter')
    }
    expect(await actions(page)).toEqual([
      { name: 'notice.answer', input: { noticeId: 'badge-added', answer: 'seen' } },
      { name: 'notice.answer', input: { noticeId: 'badge-added', answer: 'disputed' } },
    ])

    await gallery.show(page, 'active.notice.lost-badge-used')
    await expect(page.getByRole('button', { name: 'That was not me' })).toHaveCount(0)
    await tabTo(page, 'Seen')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([
      { name: 'notice.answer', input: { noticeId: 'lost-badge-used', answer: 'seen' } },
    ])
  })

  test('a refused badge is added from the row of news, or the row is dismissed', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'active.banner.badge-refused.may-add')
    for (const name of ['Add this badge to my account', 'Dismiss']) {
      await tabTo(page, name)
      await page.keyboard.press('Enter')
    }
    expect(await actions(page)).toEqual([
      { name: 'badges.add', input: { sameCard: null } },
      { name: 'seat.stay', input: {} },
    ])
  })

  test('the test page shows digits when asked to, unfolds a tap, and is in the menu', async ({
    gallery,
  }) => {
    const page = await gallery.page()
    await gallery.show(page, 'readers')
    await page.getByRole('switch', { name: 'Show digits' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'No badge' }).focus()
    await expect(page.getByText('the reader strips bits')).toBeHidden()
    await page.keyboard.press('Enter')
    await expect(page.getByText('the reader strips bits')).toBeVisible()
    await page.getByRole('button', { name: 'Menu' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('Test')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([
      { name: 'readers.reveal', input: { reveal: true } },
      { name: 'readers.open', input: {} },
    ])
  })

  test('a review is decided with a verdict and a finding', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'reviews')
    // The most urgent case is the first.
    await page.getByRole('button', { name: 'Review the access of' }).first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('radio', { name: 'Genuine' }).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Confirmed with the ward.')
    await tabTo(page, 'Mark reviewed')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([
      {
        name: 'reviews.decide',
        input: { caseId: 'three', verdict: 'genuine', note: 'Confirmed with the ward.' },
      },
    ])
  })

  test('a setup code is sent with Enter', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'enrolling.code')
    await page.keyboard.press('Tab')
    await page.keyboard.type(' K3F7-22QX ')
    await page.keyboard.press('Enter')
    expect(await actions(page)).toEqual([{ name: 'enrolment.begin', input: { code: 'K3F7-22QX' } }])
  })

  test('a new passkey is named first; Enter opens the system’s window', async ({ gallery }) => {
    const page = await gallery.page()
    await gallery.show(page, 'enrolling.waiting')
    await page.getByLabel('Name').fill('Green key')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('status').first()).toContainText('Answer the passkey window')
  })
})

test('says when a version is on the glass, after its frame', async ({ gallery }) => {
  const page = await gallery.page()
  await gallery.show(page, 'locked')
  await page.waitForFunction(() =>
    window.galleryCalls?.some(({ name }) => name === 'shell.painted'),
  )
  const painted = await page.evaluate(() =>
    window.galleryCalls?.find(({ name }) => name === 'shell.painted'),
  )
  expect(painted?.input).toEqual({ version: 1 })
})

test('reports activity at most once a second', async ({ gallery }) => {
  const page = await gallery.page()
  await gallery.show(page, 'active')
  for (let x = 0; x < 20; x += 1) await page.mouse.move(100 + x, 300)
  const reports = await page.evaluate(
    () => window.galleryCalls?.filter(({ name }) => name === 'shell.activity').length,
  )
  expect(reports).toBe(1)
})
