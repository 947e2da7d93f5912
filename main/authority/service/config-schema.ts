import { z } from 'zod'
import { directoryConfigSchema } from '../directory/index.ts'
import { singleAddresses, singleHosts } from '../../store/postgres/addresses.ts'
import { applicationSchema } from '../protocol/process.ts'
import { meansEverybody, parseRange } from './address-range.ts'

/** The machine itself: nobody else reads what goes over it. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)

/** A folder instead of a name means a Unix socket, which never leaves the machine, either. */
export const staysHere = (host: string): boolean => host.startsWith('/') || isLoopback(host)

const port = z.number().int().min(1).max(65535)
const host = z.string().min(1).max(253)
/** A path, relative to the configuration's folder, or `credential:<name>` of systemd. */
const file = z.string().min(1).max(4096)

const addressRange = z
  .string()
  .refine((text) => parseRange(text) !== null, 'an address or a range such as 10.20.0.0/16')
  .refine((text) => {
    const range = parseRange(text)
    return range === null || !meansEverybody(range)
  }, 'the addresses of the load balancer only; a range as wide as this lets everybody in, in plain HTTP')

const listenSchema = z.strictObject({ host: host.default('0.0.0.0'), port: port.default(8443) })

const databaseSchema = z
  .strictObject({
    /** `postgresql://user@host:port/name`, several servers as `a:port,b:port`; or name its parts. */
    url: z
      .string()
      .refine(
        (text) =>
          /^postgres(ql)?:\/\/\S+$/.test(text) &&
          singleAddresses(text).every((one) => URL.canParse(one)),
        'an address such as postgresql://user@host:5432/name',
      )
      .refine(
        (text) =>
          singleAddresses(text).every((one) => !URL.canParse(one) || new URL(one).hostname !== ''),
        'a server between all commas, such as postgresql://user@a:5432,b:5432/name: an empty one would mean this machine',
      )
      .optional(),
    host: z
      .string()
      .min(1)
      .max(1_024)
      .refine(
        (text) => singleHosts(text).every((one) => one !== ''),
        'a server between all commas, such as a,b: an empty one would mean this machine',
      )
      .optional(),
    port: port.default(5432),
    name: z.string().min(1).max(63).optional(),
    user: z.string().min(1).max(63).optional(),
    passwordFile: file.optional(),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'small letters, digits and _, at most 63')
      .default('lanyard'),
    poolSize: z.number().int().min(2).max(200).default(16),
    ssl: z
      .strictObject({
        /** `verify`: TLS with a certificate that is checked; `off` only where nothing leaves the machine. */
        mode: z.enum(['verify', 'off']).optional(),
        /** PEM file of the authority that signed the server's certificate; else the system's. */
        ca: file.optional(),
      })
      .default({}),
  })
  .superRefine((value, context) => {
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: path.split('.'), message })
    if (value.url === undefined) {
      for (const name of ['host', 'name', 'user'] as const)
        if (value[name] === undefined) add(name, 'is missing: name host, name and user, or url')
    } else {
      for (const name of ['host', 'name', 'user', 'passwordFile'] as const)
        if (value[name] !== undefined) add(name, 'cannot stand beside url')
      if (value.url.includes('?'))
        add('url', 'an address without options: TLS is set in database.ssl')
    }
    if (value.ssl.mode === 'off' && !databaseHosts(value).every(staysHere))
      add('ssl.mode', 'verify: without TLS everybody on the way reads along')
  })

/** Of every server that the database may be on. */
export const databaseHosts = ({
  url,
  host,
}: {
  readonly url?: string | undefined
  readonly host?: string | undefined
}): readonly string[] => {
  if (url === undefined) return host === undefined ? [] : singleHosts(host)
  return singleAddresses(url).flatMap((one) => (URL.canParse(one) ? new URL(one).hostname : []))
}

/** The configuration of a node of the authority (docs/operate.md). */
export const configSchema = z
  .strictObject({
    /** Name of the authority for applications and views; never changes once applications know it. */
    url: z.url().refine((text) => URL.canParse(text) && new URL(text).href === `${text}/`, {
      message: 'an origin such as https://lanyard.hospital.example, without path or slash',
    }),
    /** Further `host[:port]` by which agents may address this node. */
    names: z
      .array(z.string().regex(/^[^\s/@]+$/, 'host or host:port'))
      .max(16)
      .default([]),
    rpId: z.string().regex(/^([a-z0-9-]+\.)*[a-z0-9-]+$/, 'a domain in small letters'),
    listen: listenSchema.prefault({}),
    tls: z.strictObject({ certificate: file, key: file }).optional(),
    /** A load balancer that ends TLS: only it may connect, in plain HTTP. */
    trustedProxy: z.strictObject({ addresses: z.array(addressRange).min(1).max(64) }).optional(),
    database: databaseSchema,
    keys: z.strictObject({ file }).default({ file: 'credential:keys.json' }),
    applications: z.array(applicationSchema).max(64).default([]),
    /** What groups, roles and titles of the hospital's directory mean; without it there is no SCIM. */
    directory: directoryConfigSchema.optional(),
    /** Checked by the table of settings (main/policy). */
    policy: z.record(z.string(), z.unknown()).default({}),
    log: z.strictObject({ level: z.enum(['info', 'warn', 'error']).default('info') }).prefault({}),
    metrics: z
      .strictObject({
        listen: z.strictObject({ host: host.default('127.0.0.1'), port: port.default(9464) }),
      })
      .optional(),
    /** Where the newest checkpoint is kept, outside the database and its backups. */
    keptCheckpoint: z.strictObject({ file }).optional(),
    /** People of a trial, loaded at every start. */
    seed: file.optional(),
    load: z
      .strictObject({
        /** Calls at a time on this node; more are refused at once. */
        calls: z.number().int().min(8).max(10_000).default(256),
        /** After so long a call is answered with `store-busy`, in ms. */
        answerWithin: z.number().int().min(500).max(10_000).default(2_000),
        /** Connections at a time; several times the agents, who come again before the old ones go. */
        connections: z.number().int().min(64).max(1_000_000).default(16_384),
        /** Requests at a time that are no calls, of each kind: machines, SCIM, OpenID. */
        requests: z.number().int().min(8).max(10_000).default(512),
        /** After so long such a request is answered with 503, in ms. */
        requestWithin: z.number().int().min(1_000).max(60_000).default(10_000),
      })
      .prefault({}),
    stop: z
      .strictObject({
        /** Between "not ready" and the first closed connection, in ms. */
        notice: z.number().int().min(0).max(8_000).default(2_000),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: path.split('.'), message })
    const { url, listen, tls, trustedProxy } = config
    if (!URL.canParse(url)) return
    const { protocol, hostname } = new URL(url)
    const trial = protocol === 'http:' && isLoopback(hostname) && isLoopback(listen.host)
    if (protocol !== 'https:' && !trial)
      add('url', 'an https:// address (http:// is for a trial on the loopback only)')
    if (tls && trustedProxy) add('trustedProxy', 'cannot stand beside tls: one of them ends TLS')
    if (protocol === 'https:' && !tls && !trustedProxy)
      add('tls', 'is missing: name certificate and key, or the trustedProxy that ends TLS')
    if (protocol === 'http:' && tls) add('tls', 'needs a url that begins with https://')
    const ids = config.applications.map(({ id }) => id)
    for (const [at, id] of ids.entries())
      if (ids.indexOf(id) < at) add(`applications.${at}.id`, 'an id that no other application has')
  })

export type ServiceConfig = z.output<typeof configSchema>
