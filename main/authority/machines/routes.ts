import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { EnrolRefusal, Enrolled } from './enrol.ts'
import { enrolRequestSchema } from './enrol.ts'
import type { z } from 'zod'
import type { BundleKey } from '../protocol/index.ts'
import { type Bound, unbounded } from '../server/bound.ts'
import { toCallError, statusOf } from '../server/call-errors.ts'
import { tokenPath, type TokenAnswer, type TokenRefusal } from './token.ts'

export const enrolPath = '/agent/v1/enrol'
const maxBody = 12 * 1024

export interface RoutesOptions {
  readonly enrol: (request: z.output<typeof enrolRequestSchema>) => Promise<Enrolled>
  readonly token: (form: unknown, dpop: string | null) => Promise<TokenAnswer>
  /** What a machine is told of the house it enrolled in. */
  readonly house: { readonly rpId: string; readonly origin: string; readonly issuer: string }
  /** Public key (JWK) of the offline bundles, which the machine pins; null: there are none. */
  readonly bundleKey: BundleKey | null
  /** ms. */
  readonly now: () => number
  /** How many of these a node does at a time, and how long a machine waits. */
  readonly bound?: Pick<Bound, 'run'>
}

const enrolStatus = {
  'proof-invalid': 400,
  clock: 400,
  replayed: 400,
  'token-unknown': 403,
  'token-expired': 403,
  'token-used': 403,
  disabled: 403,
} as const satisfies Record<EnrolRefusal, ContentfulStatusCode>

const tokenReasons = {
  clock: 'The time of this proof is too far from ours.',
  disabled: 'This workstation was taken out of service.',
  revoked: 'This key was revoked. Enrol the workstation anew.',
  retired: 'This key was replaced. Enrol the workstation anew.',
  replayed: 'This proof was used before.',
} as const satisfies Record<TokenRefusal, string>

const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** What a machine asks before it can prove which workstation it is. */
export function createMachineRoutes(options: RoutesOptions): Hono {
  const { enrol, token, house, bundleKey, now, bound = unbounded } = options
  const app = new Hono()
  const tooLarge = (c: Context) => c.json({ error: 'invalid_request' }, 413)

  app.post(enrolPath, bodyLimit({ maxSize: maxBody, onError: tooLarge }), async (c) => {
    const body = enrolRequestSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success)
      return c.json({ error: { code: 'bad-request', message: 'Not a token and a proof.' } }, 400)
    // With the body there, so that who sends it slowly takes nobody's place.
    const answer = await bound.run(() => enrol(body.data))
    if (answer.outcome === 'refused') {
      const { reason } = answer
      // `now` lets a machine whose clock is wrong say by how much.
      return c.json({ error: { code: 'refused', reason, now: now() } }, enrolStatus[reason])
    }
    const { workstation, keyId, rotateAt } = answer
    return c.json(
      {
        workstation,
        clientId: workstation.id,
        keyId,
        rotateAt,
        ...house,
        bundleKey,
        now: now(),
      },
      200,
      noStore,
    )
  })

  app.post(tokenPath, bodyLimit({ maxSize: maxBody, onError: tooLarge }), async (c) => {
    const form = await readForm(c)
    const answer = await bound.run(() => token(form, c.req.header('dpop') ?? null))
    if (answer.ok)
      return c.json(
        { access_token: answer.token, token_type: 'DPoP', expires_in: answer.expiresIn },
        200,
        noStore,
      )
    const { error, reason } = answer
    const status = error === 'invalid_client' ? 401 : 400
    // RFC 6749, 5.2: what authenticated by the body is challenged in no header.
    const said =
      reason === null ? {} : { error_description: tokenReasons[reason], reason, now: now() }
    return c.json({ error, ...said }, status, noStore)
  })

  app.onError((error, c) => {
    const failure = toCallError(error)
    const status = statusOf[failure.code]
    if (status === 503) c.header('retry-after', '1')
    const { message } = failure
    // A token is asked for as OAuth has it, and so is its refusal told (RFC 6749, 5.2).
    if (c.req.path === tokenPath && status === 503)
      return c.json({ error: 'temporarily_unavailable', error_description: message }, 503, noStore)
    return c.json({ error: failure }, status, noStore)
  })
  return app
}

/** The fields of a form; null when it is none, or one is there twice (RFC 6749, 3.2). */
async function readForm(c: Context): Promise<Readonly<Record<string, string>> | null> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return null
  const fields = new URLSearchParams(await c.req.text())
  const names = [...fields.keys()]
  return new Set(names).size === names.length ? Object.fromEntries(fields) : null
}

/** As a part of the authority's HTTP server: false when a request is not for it. */
export function createMachineListener(
  app: Pick<Hono, 'fetch'>,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const answer: RequestListener = getRequestListener((request) => app.fetch(request))
  const paths = new Set([enrolPath, tokenPath])
  return (request, response) => {
    if (!paths.has((request.url ?? '').split('?', 1)[0] ?? '')) return false
    answer(request, response)
    return true
  }
}
