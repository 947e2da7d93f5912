import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { fixedPolicySource } from '../../policy/policy-source.ts'
import { describeReport, readPolicy } from '../../policy/read-policy.ts'
import { type Policy, settings } from '../../policy/settings.ts'
import { configSchema, type ServiceConfig } from './config-schema.ts'
import { explainIssues, unknownKey } from './explain-issues.ts'
import { adviceFor, readByOthers } from './read-by-others.ts'

/** Something in the service's files that has to be put right before it can start. */
export class ConfigError extends Error {
  readonly code = 'configuration'
  /** One line each. Names places, and values only where no secret and no person stands. */
  readonly faults: readonly string[]
  constructor(file: string, faults: readonly string[], options?: ErrorOptions) {
    super(faults.map((fault) => `${file}: ${fault}`).join('\n'), options)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

export interface ReadConfig {
  readonly config: ServiceConfig
  /** Settings that the file names, as agents are told them. */
  readonly given: Readonly<Record<string, unknown>>
  /** The whole policy that follows from them. */
  readonly policy: Policy
  /** What a rule between settings changed. */
  readonly notes: readonly string[]
  /** Where relative paths begin. */
  readonly folder: string
}

/** Reads and checks the configuration. Rejects with `ConfigError`, which names every fault. */
export async function readConfig(path: string): Promise<ReadConfig> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`
    throw new ConfigError(path, [`It ${what}. docs/operate.md says what belongs in it.`], { cause })
  })
  const parsed = parseConfig(text, path)
  if (holdsPassword(parsed.config.database)) {
    const { mode } = await stat(path)
    if (readByOthers(mode))
      throw new ConfigError(path, [
        `database.url holds a password, and this file ${adviceFor(mode, path)}, or name database.host, .name, .user and .passwordFile instead of the url.`,
      ])
  }
  return { ...parsed, folder: dirname(path) }
}

/** Whether `user:password@` stands in the address, whatever else is wrong with it. */
const holdsPassword = ({ url = '' }: ServiceConfig['database']): boolean =>
  /^\w+:\/\/[^@]*:[^@]*@/.test(url)

/** Checks a configuration. Throws `ConfigError`. */
export function parseConfig(text: string, path: string): Omit<ReadConfig, 'folder'> {
  const config = parseYaml(text, path, configSchema, mayShow)
  const { policy, report } = readPolicy([fixedPolicySource('policy', config.policy)])
  const faults = report.flatMap((entry) => {
    switch (entry.kind) {
      case 'unknown-setting':
        return [unknownKey(['policy', entry.setting], Object.keys(settings))]
      case 'malformed-value':
        return [`policy.${entry.setting} is ${entry.got}. Allowed: ${entry.allowed}.`]
      default:
        return []
    }
  })
  if (faults.length > 0) throw new ConfigError(path, faults)
  return {
    config,
    given: config.policy,
    policy,
    notes: report.filter(({ kind }) => kind === 'adjusted-value').map(describeReport),
  }
}

/** An address of the database may hold its password, and a path be the secret that belongs there. */
const hidden = new Set<PropertyKey>(['url', 'passwordFile', 'key', 'certificate', 'file', 'ca'])
const mayShow = (path: readonly PropertyKey[]): boolean =>
  path.length === 1 || (!hidden.has(path.at(-1) ?? '') && !path.includes('jwks'))

/**
 * YAML (or JSON, which is YAML) to what `schema` makes of it. Throws `ConfigError`; `mayShow` says
 * at which places it may name the value.
 */
export function parseYaml<S extends z.ZodType>(
  text: string,
  path: string,
  schema: S,
  mayShow: (path: readonly PropertyKey[]) => boolean,
): z.output<S> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  // The parser's own message quotes what stands there.
  if (document.errors.length > 0)
    throw new ConfigError(
      path,
      document.errors.map(({ pos, code }) => {
        const { line, col } = lines.linePos(pos[0])
        return `This is not YAML: line ${line}, column ${col} (${code}).`
      }),
    )
  const data: unknown = document.toJS({ maxAliasCount: 10 }) ?? {}
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new ConfigError(path, explainIssues(parsed.error, { schema, data, mayShow }))
}
