import { VaultError } from './errors.ts'
import type { JsonFile } from './json-file.ts'
import type { Vault } from './port.ts'

/** Names of the keys that were there once, separated by spaces, in the note beside them. */
const entry = 'keys'

/**
 * Remembers in `note` which keys exist, so that one that is lost is damage and not a first start: a
 * new badge key in its place would make every badge unknown, in silence. `get` of a lost key rejects
 * with `VaultError` `corrupt`; a key that was deleted is not lost.
 */
export function rememberKeys(vault: Vault, note: JsonFile): Vault {
  const remembered = async () => new Set((await note.read())?.[entry]?.split(' '))
  const change = (edit: (names: Set<string>) => void) =>
    note.change((content) => {
      const names = new Set(content[entry]?.split(' '))
      edit(names)
      content[entry] = [...names].join(' ')
    })

  return {
    kind: vault.kind,
    async get(name) {
      const value = await vault.get(name)
      const known = (await remembered()).has(name)
      if (value === null && known) throw lost(name)
      // A key from before the note was kept, or from just before a power cut. Whoever may read
      // but not write here leaves it to the agent.
      if (value !== null && !known) await change((names) => names.add(name)).catch(() => {})
      return value
    },
    async set(name, value) {
      await vault.set(name, value)
      await change((names) => names.add(name))
    },
    async delete(name) {
      await change((names) => names.delete(name))
      await vault.delete(name)
    },
  }
}

const lost = (name: string) =>
  new VaultError(
    'corrupt',
    `The key "${name}" was made here before and is gone from the secret store.`,
    'Restore the secret store of the account that runs Lanyard from its backup. Only when the key is ' +
      'lost for good: move the data directory aside and enrol badges and passkeys again.',
  )
