import { defineConfig } from 'vitest/config'

/** `npm run test:real`: against real disks, kernels and services. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    // They have a server of their own: test/real/postgres/run.sh.
    exclude: ['test/real/postgres/**'],
    environment: 'node',
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 120_000,
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  },
})
