import { userInfo } from 'node:os'

/**
 * Who runs this process, for the record: the name of the account, or `uid-<number>` where it has
 * none, as in a container that is started with a number.
 */
export function accountName(account: () => { readonly username: string } = userInfo): string {
  try {
    return account().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
