import { join } from 'node:path'

/** Where the built parts lie beside a built entry. */
export const builtParts = (outDirectory: string) => ({
  rendererDirectory: join(outDirectory, 'renderer'),
  preloadFile: join(outDirectory, 'preload', 'shell.cjs'),
  readerEntry: join(outDirectory, 'main', 'reader.js'),
  authorityEntry: join(outDirectory, 'main', 'authority.js'),
})
