import { test } from '@playwright/test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openWard } from './open-ward.ts'
import { wardPolicy, wardScenario } from './ward-scenario.ts'

test('a shift on the ward, from the first tap to the verified log', async () => {
  test.setTimeout(240_000)
  const pictures = join(import.meta.dirname, '../../test-results/ward')
  await mkdir(pictures, { recursive: true })
  const ward = await openWard({ policy: wardPolicy })
  try {
    for (const { time, title, play } of wardScenario) {
      await test.step(`${time} ${title}`, () =>
        play(ward, {
          say: () => {},
          picture: (name) => ward.screenshot(join(pictures, `${name}.png`)),
        }))
    }
  } finally {
    await ward.close()
  }
})
