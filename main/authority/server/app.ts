import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Caller, Handlers } from '../context.ts'
import type { CallError } from '../protocol/index.ts'
import type { Authenticate } from './authentication.ts'
import { statusOf, toCallError } from './call-errors.ts'
import { dispatch, isCall } from './dispatch.ts'
import { openApi } from './openapi.ts'

export interface AppOptions {
  readonly handlers: Handlers
  readonly authenticate: Authenticate
  readonly mounts?: readonly Mount[]
}

/** A part of the server with an authentication of its own. */
export interface Mount {
  /** Where its paths begin, e.g. `/scim/v2`; `/` for one that names whole paths. */
  readonly path: string
  readonly app: Hono<{ Bindings: HttpBindings }>
}

interface AgentEnv {
  Bindings: HttpBindings
  Variables: { caller: Caller }
}

/** Larger requests are refused before anything parses them. */
export const maxBody = 16 * 1024

const failure = (code: CallError['code'], message: string) => ({ error: { code, message } })

/** The agent API over plain HTTP. The caller is established by the bearer, never by a parameter. */
export function createApp({ handlers, authenticate, mounts = [] }: AppOptions): Hono<AgentEnv> {
  const app = new Hono<AgentEnv>()

  app.get('/healthz', (c) => c.json({ status: 'ok' }))

  // Before the agents' authentication, which is not theirs.
  for (const mount of mounts) app.route(mount.path, mount.app)

  app.use('/agent/*', async (c, next) => {
    const { method, url = '', headers } = c.env.incoming
    const caller = await authenticate({ method: method ?? '', url, headers })
    if (!caller) return c.json(failure('unauthenticated', 'Prove which workstation this is.'), 401)
    c.set('caller', caller)
    return next()
  })
  app.get('/agent/v1/openapi.json', (c) => c.json(openApi('1')))
  app.post(
    '/agent/v1/:call',
    bodyLimit({
      maxSize: maxBody,
      onError: (c) => c.json(failure('bad-request', `At most ${maxBody} bytes.`), 413),
    }),
    async (c) => {
      const call = c.req.param('call')
      if (!isCall(call)) return c.json(failure('not-found', 'No such call.'), 404)
      const params: unknown = await c.req.json().catch(() => undefined)
      const answer = await dispatch(handlers, call, params, c.get('caller'))
      if (answer.ok) return c.json(answer.value as object)
      const status = statusOf[answer.error.code]
      if (status === 503) c.header('retry-after', '1')
      return c.json({ error: answer.error }, status)
    },
  )

  app.notFound((c) => c.json(failure('not-found', 'Nothing here.'), 404))
  app.onError((error, c) => {
    const told = toCallError(error)
    const status = statusOf[told.code]
    if (status === 503) c.header('retry-after', '1')
    return c.json({ error: told }, status)
  })
  return app
}
