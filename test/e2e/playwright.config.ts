import { defineConfig } from '@playwright/test'

/** `npm run test:e2e`: the whole product; on Electron itself with LANYARD_E2E=electron. */
export default defineConfig({
  testDir: '.',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  outputDir: '../../test-results/e2e',
  forbidOnly: true,
})
