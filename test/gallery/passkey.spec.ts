import type { Page } from '@playwright/test'
import type { Screen } from '../../preload/shown/screen.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { expect, test } from './gallery-test.ts'
import { snapshotOf } from '../../renderer/gallery/samples.ts'

interface Hand {
  readonly push: (snapshot: Snapshot) => void
  readonly calls: { readonly name: string; readonly input: Record<string, unknown> }[]
}

declare global {
  interface Window {
    readonly hand: Hand
  }
}

/** The product's own page with a bridge in the test's hand and a virtual authenticator. */
async function openShell(page: Page, origin: string) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.addInitScript(() => {
    const calls: Hand['calls'] = []
    let listener: (snapshot: Snapshot) => void = () => undefined
    Object.assign(window, {
      hand: { calls, push: (snapshot: Snapshot) => listener(snapshot) },
      lanyard: {
        call: async (name: string, input: Record<string, unknown>) => {
          calls.push({ name, input })
          return { ok: true }
        },
        onSnapshot: (next: (snapshot: Snapshot) => void) => {
          listener = next
          return () => undefined
        },
      },
    })
  })
  await page.goto(`${origin}/index.html`)
  let version = 0
  return {
    cdp,
    authenticatorId,
    async show(screen: Screen) {
      version += 1
      const snapshot = {
        ...snapshotOf({ id: 'test', screen }, { locale: 'en', theme: 'light' }),
        version,
      }
      await page.evaluate((next) => window.hand.push(next), snapshot)
    },
    async answer(name: string) {
      const found = await page.waitForFunction(
        (wanted) => window.hand.calls.find((call) => call.name === wanted)?.input,
        name,
      )
      return await found.jsonValue()
    },
  }
}

const challenge = Buffer.from('a challenge of the test').toString('base64url')

const enrolling: Screen = {
  name: 'enrolling',
  enrolment: {
    step: 'waiting',
    enrolmentId: 'enrolment',
    person: { label: 'Mary U.', initials: 'MU' },
    options: {
      challenge,
      rp: { id: 'localhost', name: 'Lanyard' },
      user: { id: challenge, name: 'mary', displayName: 'Mary' },
      pubKeyCredParams: [
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -257 },
      ],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    },
  },
}

const verifying = (ceremonyId: string, life = 60_000): Screen => ({
  name: 'verifying',
  person: { label: 'Mary U.', initials: 'MU' },
  passkey: true,
  outgoing: null,
  elsewhere: false,
  proof: {
    step: 'waiting',
    ceremony: {
      ceremonyId,
      options: { challenge, rpId: 'localhost', userVerification: 'required' },
      expiresAt: Date.now() + life,
      autoStart: true,
    },
  },
})

test('a passkey is created and then confirms, on the page that the product ships', async ({
  gallery,
  server,
}) => {
  const page = await gallery.page()
  const shell = await openShell(page, server.origin.replace('127.0.0.1', 'localhost'))
  expect(await page.evaluate(() => window.hand.calls.map(({ name }) => name))).toContain(
    'shell.ready',
  )

  await shell.show(enrolling)
  await page.getByRole('button', { name: 'Create passkey' }).click()
  const created = await shell.answer('enrolment.finish')
  expect(created).toMatchObject({ enrolmentId: 'enrolment', name: 'My security key' })

  await shell.show(verifying('ceremony'))
  const asserted = await shell.answer('passkey.assert')
  expect(asserted).toMatchObject({ ceremonyId: 'ceremony', response: { type: 'public-key' } })
  await expect(page.getByRole('status').first()).toContainText('Checking your passkey')
})

test('a key that never answers ends at the expiry of its challenge', async ({
  gallery,
  server,
}) => {
  const page = await gallery.page()
  const shell = await openShell(page, server.origin.replace('127.0.0.1', 'localhost'))
  await shell.show(enrolling)
  await page.getByRole('button', { name: 'Create passkey' }).click()
  await shell.answer('enrolment.finish')
  await shell.cdp.send('WebAuthn.setAutomaticPresenceSimulation', {
    authenticatorId: shell.authenticatorId,
    enabled: false,
  })
  await shell.show(verifying('slow', 1500))
  expect(await shell.answer('passkey.fail')).toEqual({ ceremonyId: 'slow', reason: 'timed-out' })
})

test('a ceremony that the snapshot left behind reports nothing', async ({ gallery, server }) => {
  const page = await gallery.page()
  const shell = await openShell(page, server.origin.replace('127.0.0.1', 'localhost'))
  await shell.show(enrolling)
  await page.getByRole('button', { name: 'Create passkey' }).click()
  await shell.answer('enrolment.finish')
  await shell.cdp.send('WebAuthn.setAutomaticPresenceSimulation', {
    authenticatorId: shell.authenticatorId,
    enabled: false,
  })
  await shell.show(verifying('left'))
  await shell.show({ name: 'locked', notice: null, waiting: 0 })
  await expect(page.locator('h1')).toHaveText('Tap your badge')
  await shell.cdp.send('WebAuthn.setAutomaticPresenceSimulation', {
    authenticatorId: shell.authenticatorId,
    enabled: true,
  })
  await shell.show(verifying('next'))
  expect(await shell.answer('passkey.assert')).toMatchObject({ ceremonyId: 'next' })
  expect(await page.evaluate(() => window.hand.calls.map(({ name }) => name))).not.toContain(
    'passkey.fail',
  )
})
