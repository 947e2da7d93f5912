import type { Vault } from './port.ts'

/** Keys that end with the process; for tests. */
export function memoryVault(): Vault {
  const values = new Map<string, Uint8Array>()
  return {
    kind: 'memory',
    async get(name) {
      return values.get(name)?.slice() ?? null
    },
    async set(name, value) {
      values.set(name, value.slice())
    },
    async delete(name) {
      values.delete(name)
    },
  }
}
