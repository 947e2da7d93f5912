import type { WebContents } from 'electron'

/** A discoverable credential as CDP's WebAuthn domain takes it (base64, PKCS #8 private key). */
export interface KeyCredential {
  readonly credentialId: string
  readonly isResidentCredential: boolean
  readonly rpId?: string
  readonly privateKey: string
  readonly userHandle?: string
  readonly signCount: number
  readonly backupEligibility?: boolean
  readonly backupState?: boolean
}

export interface SecurityKeys {
  /** The person's key is in the port from now on; `null`: the port is empty. */
  insert(owner: string | null): Promise<void>
  /** The owner's credentials, as far as this run knows them. */
  credentials(owner: string): Promise<readonly KeyCredential[]>
  store(owner: string, credential: KeyCredential): Promise<void>
  /** False: every touch fails user verification. */
  setVerified(verified: boolean): Promise<void>
}

/**
 * Security keys that people carry, as virtual authenticators of Chromium in the sign-in page. One
 * port: inserting a key takes out the one before, with what it learned.
 */
export function createSecurityKeys(
  page: Pick<WebContents, 'debugger'>,
  /** A key that is carried from seat to seat counts on from there: the least count when it is inserted. */
  countFrom: () => number = () => 0,
): SecurityKeys {
  const rings = new Map<string, KeyCredential[]>()
  let inserted: { owner: string; authenticatorId: string } | null = null
  let enabled = false
  let verified = true
  const send = (method: string, params: object = {}): Promise<unknown> =>
    page.debugger.sendCommand(method, params)

  async function enable(): Promise<void> {
    if (enabled) return
    if (!page.debugger.isAttached()) page.debugger.attach('1.3')
    await send('WebAuthn.enable', { enableUI: false })
    enabled = true
  }

  async function remember(): Promise<void> {
    if (!inserted) return
    const { authenticatorId, owner } = inserted
    const answer = await send('WebAuthn.getCredentials', { authenticatorId })
    rings.set(owner, (answer as { credentials: KeyCredential[] }).credentials)
  }

  async function takeOut(): Promise<void> {
    if (!inserted) return
    await remember()
    await send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: inserted.authenticatorId })
    inserted = null
  }

  return {
    async insert(owner) {
      await enable()
      await takeOut()
      if (owner === null) return
      const answer = await send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          ctap2Version: 'ctap2_1',
          transport: 'usb',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: verified,
          automaticPresenceSimulation: true,
        },
      })
      const { authenticatorId } = answer as { authenticatorId: string }
      inserted = { owner, authenticatorId }
      for (const known of rings.get(owner) ?? []) {
        const signCount = Math.max(known.signCount, countFrom())
        const credential = { ...known, signCount }
        await send('WebAuthn.addCredential', { authenticatorId, credential })
      }
    },
    async credentials(owner) {
      if (inserted?.owner === owner) await remember()
      return rings.get(owner) ?? []
    },
    async store(owner, credential) {
      rings.set(owner, [...(rings.get(owner) ?? []), credential])
      if (inserted?.owner === owner) {
        const { authenticatorId } = inserted
        await send('WebAuthn.addCredential', { authenticatorId, credential })
      }
    },
    async setVerified(value) {
      verified = value
      if (!inserted) return
      const { authenticatorId } = inserted
      await send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: value })
    },
  }
}
