/** What an unexpected error may say in the log: where and which, not with which values. */
export function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = (error as { code?: unknown }).code
  const frame = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '))
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    // `file.ts:12:3`, or `run (file.ts:12:3)`: the folders are this machine's business.
    ...(frame
      ? {
          where: frame
            .trim()
            .replace(/^at /, '')
            .replaceAll(/[^\s()]*[\\/]/g, ''),
        }
      : {}),
  }
}
