import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Check, Finding } from '../doctor-report.ts'

const siteSchema = z.union([
  z.object({ authority: z.object({ url: z.string().min(1) }) }),
  z.object({ rpId: z.string().min(1) }),
])

/** `site.json`, without which the agent starts into a fault; its domain, once it is there. */
export const checkSite =
  ({ dataFolder }: { readonly dataFolder: string }): Check =>
  async () => {
    const path = join(dataFolder, 'site.json')
    const attention = (summary: string): Finding => ({
      check: 'site',
      state: 'attention',
      summary,
      next: 'Write it as docs/configuration.md says. The sandbox and the demo need none.',
      facts: { found: false, path },
    })
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) return attention(`There is no ${path} that this account can read`)
    const site = parse(text)
    return site === null
      ? attention(`${path} is no JSON object with an rpId or an authority`)
      : {
          check: 'site',
          state: 'ok',
          summary:
            'authority' in site
              ? `This workstation is one of the authority at ${site.authority.url}`
              : `Passkeys belong to ${site.rpId}`,
          next: null,
          facts: {
            found: true,
            path,
            ...('authority' in site ? { authority: site.authority.url } : { rpId: site.rpId }),
          },
        }
  }

function parse(text: string): z.infer<typeof siteSchema> | null {
  try {
    return siteSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
