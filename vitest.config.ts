import { defineConfig } from 'vitest/config'

/** `npm run test:unit`: everything that needs neither a built bundle nor a browser. */
export default defineConfig({
  test: {
    include: [
      'main/**/*.test.ts',
      'preload/**/*.test.ts',
      'renderer/**/*.test.{ts,tsx}',
      'test/unit/**/*.test.ts',
    ],
    environment: 'node',
    pool: 'forks',
    testTimeout: 90_000,
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  },
})
