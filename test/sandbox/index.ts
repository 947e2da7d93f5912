/*
 * Lanyard's sandbox, an application entry like main/index.ts: the same agent, with invented staff,
 * two sandbox applications, a simulated reader, and a hand that works them (control.ts).
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { app, BaseWindow, session, WebContentsView } from 'electron'
import { z } from 'zod'
import type * as AgentModule from '../../main/agent.ts'
import { monotonicNow } from '../../main/badge/reader-messages.ts'
import { filePolicySource } from '../../main/policy/policy-source.ts'
import { readPolicy } from '../../main/policy/read-policy.ts'
import { loadKeys, openVault } from '../../main/vault/index.ts'
import { createDiary, startControl } from './control.ts'
import { connectLines, freePort, type LineClient } from './line-client.ts'
import { createSecurityKeys, type KeyCredential, type SecurityKeys } from './security-keys.ts'
import { startSandboxApplications } from './shared/applications.ts'
import { sandboxHouse, sandboxSeat, sandboxStaff } from './shared/people.ts'
import { connectVirtualReader } from './virtual-reader-client.ts'

/** `sandbox.json` in the data directory: how tests and the demo want the sandbox. */
const sandboxSchema = z.strictObject({
  tray: z.boolean().default(true),
  width: z.number().int().default(1366),
  height: z.number().int().default(768),
  /** People who get no key at the start. */
  withoutKey: z.array(z.string()).default([]),
  /** Another entry for the reader process, that also listens for the hand at `--control`. */
  reader: z
    .strictObject({ entry: z.string(), arguments: z.array(z.string()) })
    .nullable()
    .default(null),
})
export type SandboxSettings = z.input<typeof sandboxSchema>

const trial = {
  'vault.allowFile': true,
  // The simulated reader is one of HID; the others would look for real ones.
  'badge.transports': ['hid'],
  'workstation.name': sandboxSeat.name,
  'workstation.place': sandboxSeat.place,
}

/** An absent file is an empty object. */
const readJson = (path: string): Promise<unknown> =>
  readFile(path, 'utf8').then(
    (text): unknown => JSON.parse(text),
    () => ({}),
  )

/** What `policy.json` of the data directory says over the trial's own values. */
async function sandboxPolicy(directory: string) {
  const path = join(directory, 'policy.json')
  const given = (await readJson(path)) as object
  await writeFile(path, JSON.stringify({ ...trial, ...given }, null, 2))
  return readPolicy([filePolicySource(path)], { trial: true }).policy
}

/** Keys of the staff: made at the first start, and kept beside the database. */
async function cutKeys(
  directory: string,
  authority: LineClient,
  keys: SecurityKeys,
  without: readonly string[],
) {
  const path = join(directory, 'sandbox-keys.json')
  const known = (await readJson(path)) as Record<string, KeyCredential>
  for (const { id, enrolmentCode } of sandboxStaff) {
    if (without.includes(id)) continue
    if (!known[id]) {
      const { credential } = await authority.send({ do: 'enrol', code: enrolmentCode })
      if (credential) known[id] = credential as KeyCredential
    }
    const credential = known[id]
    // Counters of a virtual key start anew with each run, the authority remembers: stay ahead.
    if (credential)
      await keys.store(id, { ...credential, signCount: Math.floor(Date.now() / 1000) })
  }
  await writeFile(path, JSON.stringify(known), { mode: 0o600 })
}

async function whereIs(authority: LineClient): Promise<string> {
  for (;;) {
    const { url } = await authority.send({ do: 'where' })
    if (typeof url === 'string') return url
    await pause(20)
  }
}

async function start(): Promise<void> {
  const directory = app.getPath('userData')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const policy = await sandboxPolicy(directory)
  const wanted = sandboxSchema.parse(await readJson(join(directory, 'sandbox.json')))
  const vault = await openVault({
    safeStorage: null,
    directory,
    allowFile: true,
    keyring: () => Promise.reject(new Error('The sandbox keeps its keys in its own folder.')),
  })
  const applications = await startSandboxApplications()
  const [readerPort, authorityPort] = [await freePort(), await freePort()]
  const diary = createDiary()
  const root = join(import.meta.dirname, '../..')

  const { startAgent } = (await import(join(root, 'out/main/agent.js'))) as typeof AgentModule
  const agent = await startAgent({
    policy,
    dataDirectory: directory,
    rpId: 'willowbrook.example',
    workstation: {
      id: sandboxSeat.id,
      name: policy['workstation.name'],
    },
    applications: [applications.ehr.application, applications.imaging.application],
    seed: { people: sandboxHouse.people },
    keys: await loadKeys(vault),
    readerEntry: wanted.reader?.entry ?? join(root, 'test/sandbox/reader.ts'),
    readerArguments: [...(wanted.reader?.arguments ?? []), '--control', String(readerPort)],
    authorityEntry: join(root, 'test/sandbox/authority.ts'),
    authorityArguments: ['--control', String(authorityPort)],
    rendererDirectory: join(root, 'out/renderer'),
    preloadFile: join(root, 'out/preload/shell.cjs'),
    windowSize: { width: wanted.width, height: wanted.height },
    observe: (what) => diary.write(monotonicNow(), { ...what }),
  })

  const authority = await connectLines(authorityPort)
  await applications.connect(await whereIs(authority))
  const keys = createSecurityKeys(agent.shell)
  // The port exists before the first key: without it, a ceremony would reach for real hardware.
  await keys.insert(null)
  await cutKeys(directory, authority, keys, wanted.withoutKey)
  const reader = await connectVirtualReader(String(readerPort))

  const control = await startControl({
    people: sandboxStaff.map(({ id, given, family, role }) => ({
      id,
      name: `${given} ${family}`,
      role,
    })),
    diary,
    reader: (command) => reader.send(command as Parameters<typeof reader.send>[0]),
    badgeOf: (person) => sandboxStaff.find(({ id }) => id === person)?.badge ?? null,
    insertKey: (person) => keys.insert(person),
    setVerified: (verified) => keys.setVerified(verified),
    async advance(ms) {
      await authority.send({ do: 'advance', ms })
    },
    introspect: (application) =>
      (application === 'imaging' ? applications.imaging : applications.ehr).introspectLast(),
  })
  await writeFile(
    join(directory, 'control.json'),
    JSON.stringify({ url: control.url, token: control.token }),
    { mode: 0o600 },
  )
  if (wanted.tray) openTray(`${control.url}/?token=${control.token}`)

  app.on('will-quit', (event) => {
    if (disposed) return
    event.preventDefault()
    void dispose().then(() => app.quit())
  })
  let disposed = false
  async function dispose(): Promise<void> {
    disposed = true
    control.close()
    reader.close()
    authority.close()
    await agent.dispose()
    await applications.stop()
  }
}

function openTray(url: string): void {
  const window = new BaseWindow({ width: 420, height: 640, title: 'Badge tray' })
  const view = new WebContentsView({
    webPreferences: {
      partition: 'tray',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    },
  })
  window.contentView.addChildView(view)
  view.setBounds({ x: 0, y: 0, width: 420, height: 640 })
  const tray = session.fromPartition('tray')
  tray.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  tray.setPermissionCheckHandler(() => false)
  view.webContents.loadURL(url).catch(() => {
    process.stderr.write('The badge tray could not be opened; start the sandbox again.\n')
  })
}

app
  .whenReady()
  .then(start)
  .catch((cause: unknown) => {
    process.stderr.write(
      `The sandbox could not start: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`,
    )
    app.exit(1)
  })
