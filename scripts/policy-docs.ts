/* Writes docs/policy.md from the table of settings. */
import { writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { documentPolicy } from '../main/policy/document-policy.ts'

const target = new URL('../docs/policy.md', import.meta.url)
const config = await resolveConfig(target)
await writeFile(target, await format(documentPolicy(), { ...config, parser: 'markdown' }))
