import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { trayPage } from './tray-page.ts'

/** One line of the sandbox's diary, numbered so that a reader can wait for the next. */
export interface DiaryLine {
  readonly index: number
  /** Monotonic milliseconds of this machine. */
  readonly at: number
  readonly what: Readonly<Record<string, unknown>>
}

export interface Diary {
  write(at: number, what: Readonly<Record<string, unknown>>): void
  /** Lines from `after` on; waits up to `waitMs` when there is none yet. */
  read(after: number, waitMs: number): Promise<readonly DiaryLine[]>
}

export function createDiary(): Diary {
  const lines: DiaryLine[] = []
  const waiting = new Set<() => void>()
  return {
    write(at, what) {
      lines.push({ index: lines.length, at, what })
      for (const wake of waiting) wake()
      waiting.clear()
    },
    async read(after, waitMs) {
      if (lines.length <= after && waitMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs)
          waiting.add(() => {
            clearTimeout(timer)
            resolve()
          })
        })
      }
      return lines.slice(after)
    },
  }
}

export interface SandboxPerson {
  readonly id: string
  readonly name: string
  readonly role: string
}

export interface ControlOptions {
  readonly people: readonly SandboxPerson[]
  readonly diary: Diary
  /** Passes a command to the virtual reader. */
  readonly reader: (command: Readonly<Record<string, unknown>>) => Promise<void>
  readonly badgeOf: (person: string) => { facility: number; number: number } | null
  readonly insertKey: (person: string | null) => Promise<void>
  readonly setVerified: (verified: boolean) => Promise<void>
  /** Moves the authority's clock on. */
  readonly advance: (ms: number) => Promise<void>
  /** Introspects the last access token that the application received. */
  readonly introspect: (application: string) => Promise<boolean>
}

const commandSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('tap'), person: z.string(), withKey: z.boolean().default(false) }),
  z.strictObject({ do: z.literal('hold'), person: z.string() }),
  z.strictObject({ do: z.literal('reader'), command: z.record(z.string(), z.unknown()) }),
  z.strictObject({ do: z.literal('key'), person: z.string().nullable() }),
  z.strictObject({ do: z.literal('verified'), verified: z.boolean() }),
  z.strictObject({ do: z.literal('advance'), ms: z.number().int().min(1) }),
  z.strictObject({ do: z.literal('introspect'), application: z.string() }),
])
export type ControlCommand = z.input<typeof commandSchema>

export interface Control {
  readonly url: string
  readonly token: string
  close(): void
}

/**
 * The hand that taps, plugs in keys and waits in the sandbox: a loopback HTTP service with a token
 * of its own, used by the badge tray, the end-to-end tests and the demo alike.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const token = randomBytes(24).toString('base64url')
  const app = new Hono()
  const known = Buffer.from(token)
  app.use('*', async (context, next) => {
    const given = Buffer.from(
      context.req.header('authorization')?.replace('Bearer ', '') ??
        context.req.query('token') ??
        '',
    )
    if (given.length !== known.length || !timingSafeEqual(given, known)) {
      return context.text('The sandbox control needs its token.', 403)
    }
    return next()
  })
  app.get('/', (context) => context.html(trayPage(options.people, token)))
  app.get('/diary', async (context) =>
    context.json(
      await options.diary.read(
        Number(context.req.query('after') ?? 0),
        Number(context.req.query('wait') ?? 0),
      ),
    ),
  )
  app.post('/', async (context) => {
    const command = commandSchema.safeParse(await context.req.json())
    if (!command.success) return context.json({ error: z.prettifyError(command.error) }, 400)
    return context.json(await obey(command.data, options))
  })

  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await new Promise<void>((resolve) => server.once('listening', () => resolve()))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, token, close: () => server.close() }
}

async function obey(
  command: z.output<typeof commandSchema>,
  options: ControlOptions,
): Promise<Record<string, unknown>> {
  switch (command.do) {
    case 'tap':
    case 'hold': {
      const badge = options.badgeOf(command.person)
      if (!badge) return { ok: false, error: 'no such person in the sandbox' }
      if (command.do === 'tap' && command.withKey) await options.insertKey(command.person)
      await options.reader({ do: command.do === 'tap' ? 'tap' : 'present', ...badge })
      return { ok: true }
    }
    case 'reader':
      await options.reader(command.command)
      return { ok: true }
    case 'key':
      await options.insertKey(command.person)
      return { ok: true }
    case 'verified':
      await options.setVerified(command.verified)
      return { ok: true }
    case 'advance':
      await options.advance(command.ms)
      return { ok: true }
    case 'introspect':
      return { ok: true, active: await options.introspect(command.application) }
  }
}
