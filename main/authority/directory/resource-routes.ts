import { type Context, Hono } from 'hono'
import type { WriteOptions } from '../../store/port.ts'
import type { Services } from '../services.ts'
import type { JsonObject } from './attributes.ts'
import type { Change, Creation, Removal, Work } from './changes.ts'
import { listResources } from './listing.ts'
import { patched } from './patch.ts'
import { ifMatch, unchanged } from './preconditions.ts'
import { project, type Projection, projectionOf } from './projection.ts'
import { type Query, queryOfBody, queryOfUrl } from './query.ts'
import { bodyOf, metaHeaders, scimJson } from './scim-answers.ts'
import { ScimError } from './scim-error.ts'
import type { Source } from './sources.ts'
import { type Reading, readResource } from './values.ts'

export interface ScimEnv {
  Variables: { machine: string }
}

/** What a type of resource adds to the routes that all have. */
export interface ResourceActions {
  readonly reading: Reading
  /** Where lists and searches look, for answers of this projection. */
  source(query: Query): Source
  /** The resource and its version, or null. */
  read(id: string, projection: Projection): Promise<Stored | null>
  create(work: Work, creation: Creation): Promise<Stored>
  change(work: Work, change: Change): Promise<Stored>
  remove(work: Work, removal: Removal): Promise<void>
  /** What a PUT that leaves out what it cannot know must not take away. */
  keep(before: JsonObject, after: JsonObject): JsonObject
}
export interface Stored {
  readonly resource: JsonObject
  readonly version: number
}

/** The routes of `/Users` or `/Groups` (RFC 7644, 3.2). */
export function resourceRoutes(
  actions: ResourceActions,
  { unit }: Pick<Services, 'unit'>,
): Hono<ScimEnv> {
  const { reading } = actions
  const { type } = reading
  const app = new Hono<ScimEnv>()

  const projectionIn = (c: Context<ScimEnv>) => projectionOf(type, queryOfUrl(c.req.query()))
  const answer = (c: Context<ScimEnv>, { resource }: Stored, status: 200 | 201 = 200) =>
    scimJson(c, project(projectionIn(c), resource), status, metaHeaders(resource))

  async function change(
    c: Context<ScimEnv>,
    id: string,
    how: Change['how'],
    next: (before: JsonObject) => JsonObject,
  ): Promise<Response> {
    // Refused before anything is written.
    projectionIn(c)
    const precondition = ifMatch(c.req.header('if-match'))
    const machine = c.get('machine')
    let closes = false
    const options: WriteOptions = { reserve: () => (closes ? 'take' : 'none') }
    const stored = await unit((work) => {
      const judged = (before: JsonObject): JsonObject => {
        const after = next(before)
        // What ends sessions goes on when the disk is full.
        closes = after['active'] === false && before['active'] !== false
        return after
      }
      return actions.change(work, { id, change: judged, how, precondition, machine })
    }, options)
    return answer(c, stored)
  }

  app.get('/', async (c) => {
    const query = queryOfUrl(c.req.query())
    return scimJson(c, await listResources([actions.source(query)], query))
  })
  app.post('/.search', async (c) => {
    const query = queryOfBody(await bodyOf(c))
    return scimJson(c, await listResources([actions.source(query)], query))
  })
  app.post('/', async (c) => {
    projectionIn(c)
    const document = readResource(reading, await bodyOf(c))
    const machine = c.get('machine')
    return answer(c, await unit((work) => actions.create(work, { document, machine })), 201)
  })
  app.get('/:id', async (c) => {
    const projection = projectionIn(c)
    const stored = await actions.read(c.req.param('id'), projection)
    if (!stored) throw new ScimError(404, null, `There is no such ${type.name}.`)
    const { resource, version } = stored
    if (unchanged(c.req.header('if-none-match'), { version }))
      return c.body(null, 304, metaHeaders(resource))
    return scimJson(c, project(projection, resource), 200, metaHeaders(resource))
  })
  app.put('/:id', async (c) => {
    const document = readResource(reading, await bodyOf(c))
    return change(c, c.req.param('id'), 'replaced', (before) => actions.keep(before, document))
  })
  app.patch('/:id', async (c) => {
    const body = await bodyOf(c)
    return change(c, c.req.param('id'), 'patched', (before) => patched(reading, before, body))
  })
  app.delete('/:id', async (c) => {
    const id = c.req.param('id')
    const precondition = ifMatch(c.req.header('if-match'))
    const machine = c.get('machine')
    await unit((work) => actions.remove(work, { id, precondition, machine }), { reserve: 'take' })
    return c.body(null, 204)
  })
  for (const path of ['/', '/.search', '/:id'])
    app.all(path, () => {
      throw new ScimError(405, null, 'This is not done here.')
    })
  return app
}
