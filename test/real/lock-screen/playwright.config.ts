import { defineConfig } from '@playwright/test'

/** Started by run.ts, which makes the guest. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  outputDir: '../../../test-results/lock-screen',
  forbidOnly: true,
})
