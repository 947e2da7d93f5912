export { VaultError, type VaultErrorCode } from './errors.ts'
export { loadKeys, type Keys } from './keys.ts'
export { memoryVault } from './memory-vault.ts'
export {
  describeVault,
  openVault,
  type OpenVaultOptions,
  type VaultDescription,
} from './open-vault.ts'
export type { SafeStorage } from './safe-storage-vault.ts'
