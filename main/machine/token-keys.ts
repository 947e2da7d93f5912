import { type MachineKey, newMachineKey } from './machine-key.ts'

/**
 * The key to enrol with by a token: the same at another attempt, because the answer to the first may
 * have been lost. Another token gets another: the authority takes a key once.
 */
export function createTokenKeys(): (token: string) => Promise<MachineKey> {
  let last: { readonly token: string; readonly key: Promise<MachineKey> } | null = null
  return (token) => {
    if (last?.token !== token) last = { token, key: newMachineKey() }
    return last.key
  }
}
