import { unwatchFile, watchFile } from 'node:fs'

/** Looked at this often, ms: watching would not see a link that points elsewhere. */
const every = 2_000
/** Certificate and key are two files; this long after the first change both are there, ms. */
const settle = 500

/** Calls `changed` after one of the files was replaced or written. Returns the end of it. */
export function watchCertificate(paths: readonly string[], changed: () => void): () => void {
  let timer: NodeJS.Timeout | null = null
  const notice = () => {
    if (timer) clearTimeout(timer)
    timer = setTimeout(changed, settle)
    timer.unref()
  }
  for (const path of paths) watchFile(path, { interval: every, persistent: false }, notice)
  return () => {
    if (timer) clearTimeout(timer)
    for (const path of paths) unwatchFile(path, notice)
  }
}
