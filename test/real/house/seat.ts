/*
 * A seat of the house in the tests, an application entry like main/index.ts: the product's agent in
 * service mode, with a simulated reader and keys, worked through the sandbox's control.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { app } from 'electron'
import { z } from 'zod'
import { monotonicNow } from '../../../main/badge/reader-messages.ts'
import { filePolicySource } from '../../../main/policy/policy-source.ts'
import { readPolicy } from '../../../main/policy/read-policy.ts'
import { siteSchema } from '../../../main/site.ts'
import { startAtService } from '../../../main/start-at-service.ts'
import { readConfiguration } from '../../../main/start-files.ts'
import { openVault } from '../../../main/vault/index.ts'
import { createDiary, startControl } from '../../sandbox/control.ts'
import { freePort } from '../../sandbox/line-client.ts'
import { createSecurityKeys, type KeyCredential } from '../../sandbox/security-keys.ts'
import { sandboxStaff } from '../../sandbox/shared/people.ts'
import { connectVirtualReader } from '../../sandbox/virtual-reader-client.ts'

/** `seat.json` in the data directory. */
export const seatSchema = z.strictObject({
  authority: z.string(),
  /** Null: this machine was enrolled before. */
  token: z.string().nullable(),
  width: z.number().int().default(1366),
  height: z.number().int().default(768),
  keys: z.record(z.string(), z.custom<KeyCredential>()),
})

async function start(): Promise<void> {
  const directory = app.getPath('userData')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const seat = seatSchema.parse(JSON.parse(await readFile(join(directory, 'seat.json'), 'utf8')))
  const own = [filePolicySource(join(directory, 'policy.json'))]
  const sitePath = join(directory, 'site.json')
  const site = {
    authority: { url: seat.authority },
    ...(seat.token && { enrolmentToken: seat.token }),
  }
  await writeFile(sitePath, JSON.stringify(site))
  const vault = await openVault({
    safeStorage: null,
    directory,
    allowFile: true,
    keyring: () => Promise.reject(new Error('The seat keeps its keys in its own folder.')),
  })
  const readerPort = await freePort()
  const diary = createDiary()
  const root = join(import.meta.dirname, '../../..')
  const agent = await startAtService({
    seat: {
      policy: readPolicy(own).policy,
      readerEntry: join(root, 'test/sandbox/reader.ts'),
      readerArguments: ['--control', String(readerPort)],
      rendererDirectory: join(root, 'out/renderer'),
      preloadFile: join(root, 'out/preload/shell.cjs'),
      windowSize: { width: seat.width, height: seat.height },
      observe: (what) => diary.write(monotonicNow(), { ...what }),
    },
    own,
    directory,
    sitePath,
    readSite: () => readConfiguration(sitePath, siteSchema),
    vault,
    authority: seat.authority,
    token: seat.token,
  })
  const started = Date.UTC(2026, 0)
  const keys = createSecurityKeys(agent.shell, () => Math.floor((Date.now() - started) / 100))
  // The port exists before the first key: without it, a ceremony would reach for real hardware.
  await keys.insert(null)
  for (const [person, credential] of Object.entries(seat.keys)) await keys.store(person, credential)
  const reader = await connectVirtualReader(String(readerPort))
  const unneeded = (what: string) => () => Promise.reject(new Error(`A seat cannot ${what}.`))
  const control = await startControl({
    people: [],
    diary,
    reader: (command) => reader.send(command as Parameters<typeof reader.send>[0]),
    badgeOf: (person) => sandboxStaff.find(({ id }) => id === person)?.badge ?? null,
    insertKey: (person) => keys.insert(person),
    setVerified: (verified) => keys.setVerified(verified),
    advance: unneeded('move the clock of the house'),
    introspect: unneeded('see the tokens of an application'),
  })
  await writeFile(
    join(directory, 'control.json'),
    JSON.stringify({ url: control.url, token: control.token }),
    { mode: 0o600 },
  )
  let disposed = false
  app.on('will-quit', (event) => {
    if (disposed) return
    event.preventDefault()
    disposed = true
    control.close()
    reader.close()
    void agent.dispose().then(() => app.quit())
  })
}

app
  .whenReady()
  .then(start)
  .catch((cause: unknown) => {
    process.stderr.write(
      `The seat could not start: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`,
    )
    app.exit(1)
  })
