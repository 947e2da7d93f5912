import type { Migration } from '../migrate.ts'

export const directory: Migration = { name: '0008-directory', up: () => Promise.resolve() }
