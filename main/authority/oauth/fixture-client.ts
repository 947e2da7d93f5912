import { generateKeyPair, exportJWK } from 'jose'
import * as client from 'openid-client'
import type { Application } from '../protocol/index.ts'

/** For tests: a browser's cookies and its patience to follow one redirect at a time. */
export const createBrowser = () => {
  const jar = new Map<string, { value: string; path: string }>()
  const get = async (url: string, headers: Record<string, string> = {}): Promise<Response> => {
    const { pathname } = new URL(url)
    const cookie = [...jar]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...headers, ...(cookie === '' ? {} : { cookie }) },
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const path = attributes.find((part) => part.toLowerCase().startsWith('path='))?.slice(5)
      const at = pair.indexOf('=')
      jar.set(pair.slice(0, at), { value: pair.slice(at + 1), path: path ?? '/' })
    }
    return response
  }
  return {
    jar,
    get,
    /** Where a redirect leads; fails with the status and text of anything else. */
    async follow(url: string): Promise<URL> {
      const response = await get(url)
      const location = response.headers.get('location')
      if (location === null)
        throw new Error(`expected a redirect, got ${response.status}: ${await response.text()}`)
      return new URL(location, url)
    },
  }
}
export type Browser = ReturnType<typeof createBrowser>

/** For tests: a confidential client of the authority; nothing listens at its addresses. */
export const createTestClient = async (id: string) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const kid = `${id}-key`
  const origin = `http://${id}.invalid`
  const application: Application = {
    id,
    name: id.toUpperCase(),
    kind: 'other',
    clientId: `client-${id}`,
    redirectUris: [`${origin}/callback`],
    launchUrl: `${origin}/launch`,
    resource: `${origin}/`,
    origins: [origin],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] },
  }
  return {
    application,
    async discover(issuer: string) {
      return client.discovery(
        new URL(issuer),
        application.clientId,
        {},
        client.PrivateKeyJwt({ key: privateKey, kid }),
        { execute: [client.allowInsecureRequests] },
      )
    },
    /** Opens a handle and asks for authorization; what the authority answers to the client. */
    async authorize(
      configuration: client.Configuration,
      browser: Browser,
      handle: string,
      parameters: Record<string, string | null> = {},
    ) {
      const started = await browser.follow(handle)
      const verifier = client.randomPKCECodeVerifier()
      const state = client.randomState()
      const nonce = client.randomNonce()
      const wanted: Record<string, string | null> = {
        redirect_uri: `${origin}/callback`,
        scope: 'openid profile launch online_access patient/*.cruds patient/*.rs',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        launch: started.searchParams.get('launch') ?? '',
        resource: application.resource,
        state,
        nonce,
        ...parameters,
      }
      const url = client.buildAuthorizationUrl(
        configuration,
        Object.fromEntries(
          Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== null),
        ),
      )
      return { started, verifier, state, nonce, url, response: await browser.get(url.href) }
    },
    /** The whole launch; the tokens of the code grant. */
    async signIn(configuration: client.Configuration, browser: Browser, handle: string) {
      const { verifier, state, nonce, response } = await this.authorize(
        configuration,
        browser,
        handle,
      )
      const callback = new URL(response.headers.get('location') ?? 'about:blank')
      const redeem = () =>
        client.authorizationCodeGrant(
          configuration,
          callback,
          { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
          { resource: application.resource },
        )
      return { callback, redeem }
    },
  }
}
