import type { Migration } from '../migrate.ts'

export const offline: Migration = { name: '0009-offline', up: () => Promise.resolve() }
