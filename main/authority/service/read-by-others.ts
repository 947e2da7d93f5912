/** Whether another account may read or write a file of this mode; Windows has no such modes. */
export const readByOthers = (mode: number): boolean =>
  (mode & 0o077) !== 0 && process.platform !== 'win32'

/** What is wrong with such a file, and what to do; continues a sentence that began with its path. */
export const adviceFor = (mode: number, path: string): string =>
  `can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 ${path}`
