import { readFile, rename, writeFile } from 'node:fs/promises'
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
    enrolmentToken: z.string().min(16).max(128).optional(),
  })
  .superRefine(({ rpId, authority, enrolmentToken }, context) => {
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (rpId === undefined && authority === undefined) add('rpId', 'is missing, or authority.url')
    if (enrolmentToken !== undefined && authority === undefined)
      add('authority', 'is missing: where is the token for?')
  })
export type Site = z.output<typeof siteSchema>

/** Takes the token out of `site.json`, in one step; everything else in it stays as it was written. */
export async function removeEnrolmentToken(path: string): Promise<void> {
  const content = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  if (!('enrolmentToken' in content)) return
  delete content['enrolmentToken']
  const partial = `${path}.partial`
  await writeFile(partial, `${JSON.stringify(content, null, 2)}\n`)
  await rename(partial, path)
}
