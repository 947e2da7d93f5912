import { defineConfig } from 'vitest/config'

/** `npm run test:integration`: several units together; needs `npm run build` before. */
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts', 'test/sandbox/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  },
})
