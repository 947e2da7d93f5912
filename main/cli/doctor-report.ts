/** One thing that the self-test looked at. */
export interface Finding {
  /** Stable name for scripts, e.g. `vault`. */
  readonly check: string
  /**
   * `ok`: as it should be. `attention`: Lanyard does not work, or not fully, until somebody acts.
   * `information`: neither.
   */
  readonly state: 'ok' | 'attention' | 'information'
  /** One sentence for people. */
  readonly summary: string
  /** What to do next; null when there is nothing to do. */
  readonly next: string | null
  /** Details for scripts. No person, no badge, no key. */
  readonly facts: Readonly<Record<string, Fact>>
}
export type Fact = string | number | boolean | null | readonly string[]

/** What `lanyard doctor --json` prints. A new `schema` number announces an incompatible change. */
export interface DoctorReport {
  readonly schema: 1
  readonly version: string
  readonly platform: string
  readonly healthy: boolean
  readonly findings: readonly Finding[]
}

/** Runs one check; must not reject for what it is there to find. */
export type Check = () => Promise<Finding>

/**
 * Runs all checks at once. A check that throws or exceeds `timeout` (ms) is itself a finding, so
 * that one hanging driver does not hide the rest.
 */
export async function examine({
  version,
  checks,
  timeout = 10_000,
}: {
  readonly version: string
  readonly checks: Readonly<Record<string, Check>>
  readonly timeout?: number
}): Promise<DoctorReport> {
  const findings = await Promise.all(
    Object.entries(checks).map(([name, check]) => settle(name, check, timeout)),
  )
  return {
    schema: 1,
    version,
    platform: `${process.platform}-${process.arch}`,
    healthy: findings.every(({ state }) => state !== 'attention'),
    findings,
  }
}

async function settle(name: string, check: Check, timeout: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve(broken(name, `No answer within ${timeout} ms.`, 'timeout')),
      timeout,
    )
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    return broken(name, error instanceof Error ? error.message : String(error), 'error')
  } finally {
    clearTimeout(timer)
  }
}

const broken = (check: string, detail: string, reason: string): Finding => ({
  check,
  state: 'attention',
  summary: `The check itself failed: ${detail}`,
  next: 'Run it again; if it stays, report it with the output of "lanyard doctor --json".',
  facts: { reason },
})

const marks = { ok: 'ok  ', attention: '!!  ', information: '    ' } as const

/** The report for people, one finding a paragraph. */
export function reportText({ version, platform, healthy, findings }: DoctorReport): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, state, summary, next }) => [
    `${marks[state]}${check.padEnd(width)}  ${summary}`,
    ...(next === null ? [] : [`    ${' '.repeat(width)}  -> ${next}`]),
  ])
  const verdict = healthy
    ? 'Nothing needs attention.'
    : `${findings.filter(({ state }) => state === 'attention').length} of ${findings.length} need attention (!!).`
  return [`Lanyard ${version} on ${platform}`, '', ...lines, '', verdict, ''].join('\n')
}
