import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The stand-in's own tests: they need a Chromium, nothing else. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/electron/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  },
})
