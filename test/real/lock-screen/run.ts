/*
 * `npm run test:lock-screen`: makes the guest, then runs lock-screen.spec.ts, which boots it.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { prepareGuest } from '../hid/host/prepare.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const guest = await prepareGuest({
  name: 'test:lock-screen',
  main: at('guest/main.ts'),
  parameters: [],
})
if (guest) {
  const { status } = spawnSync('playwright', ['test', '--config', at('playwright.config.ts')], {
    stdio: 'inherit',
    env: { ...process.env, LANYARD_GUEST: JSON.stringify(guest) },
  })
  process.exitCode = status ?? 1
}
