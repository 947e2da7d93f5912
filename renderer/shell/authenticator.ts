import {
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '@simplewebauthn/browser'

type RequestOptions = Parameters<typeof startAuthentication>[0]['optionsJSON']
type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON']

export interface Credential {
  readonly [field: string]: unknown
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: Record<string, unknown>
}

/** The browser's WebAuthn, with options and answers as JSON. */
export interface Authenticator {
  readonly get: (options: Readonly<Record<string, unknown>>) => Promise<Credential>
  readonly create: (options: Readonly<Record<string, unknown>>) => Promise<Credential>
  /** Ends what is under way; its promise rejects. */
  readonly abort: () => void
}

// The options come from the authority through main and are handed on as they are: the browser
// checks them, and so does the authority with the answer.
const wire = (credential: { id: string; rawId: string; response: object }): Credential => ({
  ...credential,
  type: 'public-key',
  response: { ...credential.response },
})

export const authenticator: Authenticator = {
  get: async (options) =>
    wire(await startAuthentication({ optionsJSON: options as unknown as RequestOptions })),
  create: async (options) =>
    wire(await startRegistration({ optionsJSON: options as unknown as CreationOptions })),
  abort: () => WebAuthnAbortService.cancelCeremony(),
}
