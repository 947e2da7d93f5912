/** The secret store of the operating system, or what stands in for it; values are binary keys. */
export interface Vault {
  readonly kind: 'os' | 'safe-storage' | 'file' | 'memory'
  get(name: string): Promise<Uint8Array | null>
  set(name: string, value: Uint8Array): Promise<void>
  delete(name: string): Promise<void>
}
