import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { describeError } from './describe-error.ts'
import { authorityUrlSchema, enrolmentTokenSchema, readSiteContent, writeSite } from './site.ts'
import { StartFault } from './start-files.ts'

/**
 * What the installer leaves for the first start, beside the executable: only an administrator can
 * put anything there, unlike into ProgramData, so no other account can send this machine elsewhere.
 */
export const installedEnrolmentPath = (executable: string): string =>
  join(dirname(executable), 'enrolment', 'enrolment.ini')

const leftSchema = z.object({
  url: authorityUrlSchema,
  // The installer writes an empty value when it was given none, and when it repairs.
  token: z.preprocess((text) => (text === '' ? undefined : text), enrolmentTokenSchema.optional()),
})

export interface InstalledEnrolmentOptions {
  readonly path: string
  readonly sitePath: string
  readonly report: (line: string) => void
  readonly remove?: (path: string) => Promise<void>
}

/**
 * Moves address and token from the installer's file into `site.json`, in this order, so that a power
 * cut loses neither; the token goes from there once it was used. Without a file, nothing happens.
 * Rejects with a `StartFault` when the file is of no use and there is no `site.json` to go on with.
 * A file that stays is taken, and told of, once: `site.json` may have something newer since.
 */
export function createInstalledEnrolment(options: InstalledEnrolmentOptions): () => Promise<void> {
  let dealtWith: string | null = null
  return async () => {
    dealtWith = await take(options, dealtWith)
  }
}

/** Resolves with what has been dealt with: the text of the file, or what was told of it. */
async function take(
  { path, sitePath, report, remove = rm }: InstalledEnrolmentOptions,
  dealtWith: string | null,
): Promise<string | null> {
  let site: Awaited<ReturnType<typeof readSiteContent>>
  try {
    site = await readSiteContent(sitePath)
  } catch {
    // Whoever reads it for the start says what is wrong with it.
    return dealtWith
  }
  const useless = (message: string) => {
    // A workstation that worked goes on working.
    if (site === null) throw new StartFault('configuration', message)
    if (message !== dealtWith) report(`enrolment: ${message}`)
    return message
  }
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    const { code } = error as NodeJS.ErrnoException
    return useless(`${path}: It cannot be read (${code}). Let the account of Lanyard read it.`)
  }
  if (site !== null && text === dealtWith) return dealtWith
  // Left there, it is taken again at the next start, and its token refused as used: no harm is done.
  const erase = () =>
    remove(path).then(
      () => null,
      (error: unknown) => {
        const why = JSON.stringify(describeError(error))
        report(`enrolment: ${path} stays; delete it as administrator: ${why}`)
        return text
      },
    )
  const values = valuesOf(text)
  // All that is left after a repair.
  if (values['url'] === '' && values['token'] === '') return erase()
  const left = leftSchema.safeParse(values)
  if (!left.success)
    return useless(
      `${path}: ${z.prettifyError(left.error)}. Install again with LANYARD_AUTHORITY_URL and LANYARD_ENROLMENT_TOKEN.`,
    )
  const { url, token } = left.data
  await writeSite(sitePath, {
    ...site,
    authority: { url },
    ...(token === undefined ? {} : { enrolmentToken: token }),
  })
  return erase()
}

/** Lines of `key=value`; there is one section. */
const valuesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key, value]]
    }),
  )
