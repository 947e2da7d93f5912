import { defineConfig } from '@playwright/test'

/** `npm run test:house`: a hospital of two nodes on PostgreSQL, and two seats. */
export default defineConfig({
  testDir: '.',
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  outputDir: '../../../test-results/house',
  forbidOnly: true,
})
