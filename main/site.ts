import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** `https://` and a name, without path: also the issuer of its tokens. */
export const authorityUrlSchema = z
  .string()
  .refine((text) => {
    if (!URL.canParse(text)) return false
    const { protocol, hostname, origin } = new URL(text)
    const trial = protocol === 'http:' && loopback.has(hostname)
    return (protocol === 'https:' || trial) && [origin, `${origin}/`].includes(text)
  }, 'an https:// address without path (http:// on the loopback, for a trial)')
  .transform((text) => text.replace(/\/$/, ''))

export const enrolmentTokenSchema = z.string().min(16).max(128)

/** `site.json`: what this workstation is called, and where people's passkeys live. */
export const siteSchema = z
  .strictObject({
    /** Of an embedded authority; a hospital's says its own. */
    rpId: z
      .string()
      .regex(/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a registrable domain in lower case')
      .optional(),
    workstation: z.string().min(1).max(64).default('workstation'),
    /** The hospital's authority; left out: this workstation has its own. */
    authority: z.strictObject({ url: authorityUrlSchema }).optional(),
    /** Used once and taken out of the file then. */
    enrolmentToken: enrolmentTokenSchema.optional(),
  })
  .superRefine(({ rpId, authority, enrolmentToken }, context) => {
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (rpId === undefined && authority === undefined) add('rpId', 'is missing, or authority.url')
    if (enrolmentToken !== undefined && authority === undefined)
      add('authority', 'is missing: where is the token for?')
  })
export type Site = z.output<typeof siteSchema>

type SiteContent = Readonly<Record<string, unknown>>

/** As it was written, unchecked; null when there is none. Rejects when it is no JSON object. */
export async function readSiteContent(path: string): Promise<SiteContent | null> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** In one step: a power cut leaves the old or the new. */
export async function writeSite(path: string, content: SiteContent): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.partial`
  await writeFile(partial, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(partial, path)
}

/** Takes the token out of `site.json`; everything else in it stays as it was written. */
export async function removeEnrolmentToken(path: string): Promise<void> {
  const { enrolmentToken, ...rest } = JSON.parse(await readFile(path, 'utf8')) as SiteContent
  if (enrolmentToken !== undefined) await writeSite(path, rest)
}
