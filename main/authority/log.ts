const levels = { info: 0, warn: 1, error: 2 } as const
export type LogLevel = keyof typeof levels

let least: LogLevel = 'info'

/** From now on this process says nothing that matters less. */
export function setLogLevel(level: LogLevel): void {
  least = level
}

/** One line of JSON on stderr. No person, badge, patient or token belongs in `detail`. */
export function log(
  level: LogLevel,
  event: string,
  detail: Readonly<Record<string, string | number | boolean | null>> = {},
): void {
  if (levels[level] < levels[least]) return
  process.stderr.write(
    `${JSON.stringify({ at: new Date().toISOString(), level, part: 'authority', event, ...detail })}\n`,
  )
}
