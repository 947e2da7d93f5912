import type { Migration } from '../migrate.ts'

export const events: Migration = { name: '0005-events', up: () => Promise.resolve() }
