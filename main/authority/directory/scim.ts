import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type Bound, unbounded } from '../server/bound.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import { authenticateMachines } from './authenticate-machine.ts'
import type { DirectoryConfig } from './config.ts'
import { describeSchemas, describeTypes, serviceProviderConfig } from './discovery.ts'
import { groupActions } from './group-actions.ts'
import { listResources } from './listing.ts'
import { queryOfBody } from './query.ts'
import { resourceRoutes, type ScimEnv } from './resource-routes.ts'
import { bodyOf, scimFailure, scimJson } from './scim-answers.ts'
import { ScimError } from './scim-error.ts'
import { userActions } from './user-actions.ts'

export type ScimOptions = Pick<
  Services,
  'db' | 'unit' | 'record' | 'now' | 'randomId' | 'badgeKey' | 'issuer'
> & {
  readonly endSession: EndSession
  readonly config: DirectoryConfig
  /** How many requests a node does at a time, and how long the directory waits. */
  readonly bound?: Pick<Bound, 'run'>
}

/** Where the service mounts it, below its own URL. */
export const scimPath = '/scim/v2'
/** Larger requests are refused before anything parses them. */
const maxBody = 1024 * 1024

/**
 * SCIM 2.0 (RFC 7643, 7644) for the hospital's directory, without bulk and `/Me`. Every request needs
 * the token of a machine; every change is recorded with its name.
 */
export function createScim(options: ScimOptions): Hono<{ Bindings: HttpBindings }> {
  const { bound = unbounded } = options
  const base = `${options.issuer}${scimPath}`
  const authenticate = authenticateMachines(options)
  const users = userActions(options, { db: options.db, base })
  const groups = groupActions(options, { db: options.db, base })
  const app = new Hono<ScimEnv>()

  app.onError((error, c) => scimFailure(c, error))
  app.use('*', (_c, next) => bound.run(next))
  app.use('*', async (c, next) => {
    c.set('machine', await authenticate(c.req.header('authorization')))
    return next()
  })
  app.use(
    '*',
    bodyLimit({
      maxSize: maxBody,
      onError: (c) => scimFailure(c, new ScimError(413, null, `At most ${maxBody} bytes.`)),
    }),
  )

  const found = (resource: object | null) => {
    if (!resource) throw new ScimError(404, null, 'There is no such resource.')
    return resource
  }
  app.get('/ServiceProviderConfig', (c) => scimJson(c, serviceProviderConfig(base)))
  app.get('/ResourceTypes', (c) => scimJson(c, found(describeTypes(base))))
  app.get('/ResourceTypes/:name', (c) =>
    scimJson(c, found(describeTypes(base, c.req.param('name')))),
  )
  app.get('/Schemas', (c) => scimJson(c, found(describeSchemas(base))))
  app.get('/Schemas/:id', (c) => scimJson(c, found(describeSchemas(base, c.req.param('id')))))
  app.post('/.search', async (c) => {
    const query = queryOfBody(await bodyOf(c))
    return scimJson(c, await listResources([users.source(query), groups.source(query)], query))
  })
  app.route('/Users', resourceRoutes(users, options))
  app.route('/Groups', resourceRoutes(groups, options))
  for (const path of ['/Bulk', '/Me'])
    app.all(path, () => {
      throw new ScimError(501, null, 'Not supported; see ServiceProviderConfig.')
    })
  app.all('*', () => {
    throw new ScimError(404, null, 'Nothing here.')
  })
  return new Hono<{ Bindings: HttpBindings }>().route('/', app)
}
