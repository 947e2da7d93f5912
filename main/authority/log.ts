/** One line of JSON on stderr. No person, badge, patient or token belongs in `detail`. */
export function log(
  level: 'info' | 'warn' | 'error',
  event: string,
  detail: Readonly<Record<string, string | number | boolean | null>> = {},
): void {
  process.stderr.write(
    `${JSON.stringify({ at: new Date().toISOString(), level, part: 'authority', event, ...detail })}\n`,
  )
}
