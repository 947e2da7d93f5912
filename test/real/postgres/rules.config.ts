import { defineConfig } from 'vitest/config'

/** The authority's unit tests, on PostgreSQL: its fixtures take the server that is named to them. */
export default defineConfig({
  test: {
    include: ['main/authority/**/*.test.ts'],
    // About the file, the process and the reserve of SQLite; and many random runs of pure rules,
    // which would take most of the time here.
    exclude: ['**/process.test.ts', '**/full-disk.test.ts', '**/*.property.test.ts'],
    environment: 'node',
    pool: 'forks',
    globalSetup: ['test/real/postgres/cluster.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // An answer comes from a real server, on a machine that does other things too.
    expect: { poll: { timeout: 10_000 } },
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  },
})
