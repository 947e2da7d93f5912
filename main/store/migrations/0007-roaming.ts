import type { Migration } from '../migrate.ts'

export const roaming: Migration = { name: '0007-roaming', up: () => Promise.resolve() }
