import type { Migration } from '../migrate.ts'

export const machines: Migration = { name: '0006-machines', up: () => Promise.resolve() }
