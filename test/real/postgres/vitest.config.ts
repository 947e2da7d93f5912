import { defineConfig } from 'vitest/config'

/** `bash test/real/postgres/run.sh`: the service's database and what stands on it. */
export default defineConfig({
  test: {
    include: ['test/real/postgres/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    fileParallelism: false,
    globalSetup: ['test/real/postgres/cluster.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // An answer comes from a real server, on a machine that does other things too.
    expect: { poll: { timeout: 10_000 } },
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  },
})
