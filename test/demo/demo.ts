import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { openWard } from '../e2e/open-ward.ts'
import { wardPolicy, wardScenario } from '../e2e/ward-scenario.ts'

/*
 * `npm run demo`: a shift on the ward, played on the real agent in a real Chromium. Prints a
 * timeline, leaves pictures and the audit log under out/demo, exits 1 naming the step that failed.
 */

const root = join(import.meta.dirname, '../..')
const out = join(root, 'out/demo')
const line = (text: string) => process.stdout.write(`${text}\n`)

async function play(colorScheme: 'light' | 'dark'): Promise<void> {
  const data = join(out, 'data', colorScheme)
  const pictures = join(out, colorScheme === 'light' ? 'light' : 'night')
  await mkdir(pictures, { recursive: true })
  const ward = await openWard({
    directory: data,
    colorScheme,
    policy: { ...wardPolicy, 'screen.theme': colorScheme === 'light' ? 'light' : 'night' },
  })
  try {
    for (const { time, title, play: scene } of wardScenario) {
      line(`\n${time}  ${title}`)
      try {
        await scene(ward, {
          say: (text, ms) =>
            line(
              ms === undefined
                ? `       ${text}`
                : `       ${text.padEnd(28)}${ms.toFixed(1).padStart(9)} ms`,
            ),
          picture: (name) => ward.screenshot(join(pictures, `${name}.png`)),
        })
      } catch (cause) {
        await ward.screenshot(join(pictures, 'failed.png')).catch(() => {})
        throw new Error(`${time} "${title}" did not happen`, { cause })
      }
    }
    if (colorScheme === 'light') {
      await copyFile(join(ward.directory, 'audit.jsonl'), join(out, 'audit.jsonl'))
    }
  } finally {
    await ward.close()
  }
}

await rm(out, { recursive: true, force: true })
try {
  line('Lanyard: a shift on the ward, light theme')
  await play('light')
  line('\nThe same shift in the night theme')
  await play('dark')
  line(`\nPictures and the verified log: ${relative(process.cwd(), out)}`)
  process.exit(0)
} catch (cause) {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const reason = error.cause instanceof Error ? error.cause.message : ''
  process.stderr.write(`\nThe demo failed: ${error.message}\n${reason}\n`)
  process.exit(1)
}
