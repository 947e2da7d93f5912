import { randomBytes } from 'node:crypto'
import { auditInputSchema } from '../../main/audit/events.ts'
import {
  type DirectoryConfig,
  directoryConfigSchema,
} from '../../main/authority/directory/config.ts'
import { reconcileDirectory } from '../../main/authority/directory/reconcile.ts'
import { createScim, scimPath, type ScimOptions } from '../../main/authority/directory/scim.ts'
import { issueToken } from '../../main/authority/directory/service-tokens.ts'
import { createRecorder } from '../../main/authority/record.ts'
import { createEndSession } from '../../main/authority/sessions/ending.ts'
import { createUnits } from '../../main/authority/unit-of-work.ts'
import type { AuthorityFixture } from './authority.ts'

export const base = `http://127.0.0.1:1${scimPath}`
export const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const coreGroup = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const lanyardUser = 'urn:lanyard:params:scim:schemas:1.0:User'
export const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** What a test says of an answer's body; JSON of any shape. */
// oxlint-disable-next-line typescript/no-explicit-any -- bodies are looked into by path
export type Body = any

export interface ScimAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface ScimFixture {
  readonly options: ScimOptions
  /** A request as the directory sends it; a body is sent as JSON. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ScimAnswer>
  patch(path: string, ...operations: readonly object[]): Promise<ScimAnswer>
  createUser(userName: string, more?: object): Promise<Body>
  createGroup(displayName: string, members?: readonly string[], more?: object): Promise<Body>
  /** Another configuration, as after a restart of the service. */
  configure(config: Partial<DirectoryConfig>): Promise<number>
}

/** SCIM on the database of an authority, with a token of its own. */
export async function scimFixture(
  f: Pick<AuthorityFixture, 'db' | 'now' | 'records' | 'revoked' | 'authority'>,
  config: unknown = {},
  machine = 'directory',
): Promise<ScimFixture> {
  const record = createRecorder({
    append: async (_tx, input) => void f.records.push(auditInputSchema.parse(input)),
  })
  const unit = createUnits({ db: f.db, now: f.now, events: f.authority.events, onDue: () => {} })
  let options: ScimOptions = {
    db: f.db,
    unit,
    record,
    now: f.now,
    randomId: () => randomBytes(16).toString('base64url'),
    badgeKey: { version: 1, key: new Uint8Array(32).fill(7) },
    issuer: 'http://127.0.0.1:1',
    endSession: createEndSession({
      record,
      sessionEnded: async (_tx, sessionId) => void f.revoked.push(sessionId),
    }),
    config: directoryConfigSchema.parse(config),
  }
  const request = { name: machine, owner: 'IT', purpose: 'people', life: 86_400_000 }
  const issued = await unit((work) => issueToken(record, work, request))
  const token = issued?.token ?? ''
  let app = createScim(options)

  const fixture: ScimFixture = {
    get options() {
      return options
    },
    async send(method, path, body, headers = {}) {
      const response = await app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const { status, headers: answered } = response
      return { status, headers: answered, body: text === '' ? null : JSON.parse(text) }
    },
    patch: (path, ...Operations) => fixture.send('PATCH', path, { schemas: [patchOp], Operations }),
    async createUser(userName, more = {}) {
      const body = { schemas: [coreUser], userName, ...more }
      const answer = await fixture.send('POST', '/Users', body)
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body
    },
    async createGroup(displayName, members = [], more = {}) {
      const body = {
        schemas: [coreGroup],
        displayName,
        members: members.map((value) => ({ value })),
        ...more,
      }
      const answer = await fixture.send('POST', '/Groups', body)
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body
    },
    async configure(next) {
      options = { ...options, config: directoryConfigSchema.parse(next) }
      app = createScim(options)
      return reconcileDirectory(options)
    },
  }
  return fixture
}
