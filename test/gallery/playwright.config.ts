import { defineConfig } from '@playwright/test'

/** `playwright test -c test/gallery/playwright.config.ts`, after the renderer has been built. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../out/gallery/failures',
  // A browser per worker; two, because the machine that builds has two cores.
  workers: 2,
  fullyParallel: true,
  timeout: 120_000,
  reporter: 'list',
  forbidOnly: true,
})
