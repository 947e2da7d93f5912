/*
 * Entry of the product. The data directory holds `policy.json`, `applications.json` and, on a
 * workstation without a directory service, `people.json`; docs/ says what is in them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { app, safeStorage } from 'electron'
import { z } from 'zod'
import type { FaultCode } from '../preload/contract.ts'
import { builtParts, startAgent, startFaultScreen } from './agent.ts'
import type { Agent, ShellOptions } from './agent.ts'
import { applicationSchema, seedSchema } from './authority/protocol/process.ts'
import { filePolicySource } from './policy/policy-source.ts'
import { describeReport, readPolicy } from './policy/read-policy.ts'
import { loadKeys, openVault, VaultError } from './vault/index.ts'

/** `site.json`: what this workstation is called, and under which domain people's passkeys live. */
const siteSchema = z.strictObject({
  rpId: z.string().regex(/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a registrable domain in lower case'),
  workstation: z.string().min(1).max(64).default('workstation'),
})

/** Something to fix before Lanyard can start; the screen names the code, the log says the rest. */
class StartFault extends Error {
  readonly code: FaultCode
  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartFault'
    this.code = code
  }
}

/** A JSON file of the data directory, parsed; absent: `fallback`, or a fault when there is none. */
const readConfiguration = async <S extends z.ZodType>(
  path: string,
  schema: S,
  fallback?: z.output<S>,
): Promise<z.output<S>> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    if (absent && fallback !== undefined) return fallback
    const message = absent ? 'It does not exist; create it.' : 'It cannot be read.'
    throw new StartFault('configuration', `${path}: ${message} See docs/.`, { cause })
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    const detail = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new StartFault('configuration', `${path}: ${detail}`, { cause })
  }
}

/** Shown when not even the domain is known; passkeys do not work under it, and none is asked for. */
const unknownSite = 'lanyard.invalid'

const start = async (): Promise<Agent> => {
  await app.whenReady()
  const directory = app.getPath('userData')
  const { policy, report } = readPolicy([filePolicySource(join(directory, 'policy.json'))])
  for (const entry of report) console.error(`policy: ${describeReport(entry)}`)
  const parts = builtParts(join(import.meta.dirname, '..'))
  const shell: Omit<ShellOptions, 'rpId'> = {
    policy,
    ...parts,
    // Installed, the seat fills the screen; in a checkout it must not take the desk away.
    ...(app.isPackaged ? {} : { windowSize: { width: 1366, height: 768 } }),
  }
  try {
    const site = await readConfiguration(join(directory, 'site.json'), siteSchema)
    const vault = await openVault({
      safeStorage,
      directory,
      allowFile: policy['vault.allowFile'],
    })
    return await startAgent({
      ...shell,
      ...parts,
      rpId: site.rpId,
      dataDirectory: directory,
      workstation: { id: site.workstation, name: policy['workstation.name'] },
      applications: await readConfiguration(
        join(directory, 'applications.json'),
        z.array(applicationSchema),
        [],
      ),
      seed: await readConfiguration(join(directory, 'people.json'), seedSchema.nullable(), null),
      keys: await loadKeys(vault),
      readerArguments: [],
    })
  } catch (error) {
    return await startFaultScreen({ ...shell, rpId: unknownSite }, faultOf(error))
  }
}

const faultOf = (error: unknown): { readonly code: FaultCode; readonly detail: string } => {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (error instanceof StartFault) return { code: error.code, detail: error.message }
  return { code: error instanceof VaultError ? 'vault-unavailable' : 'configuration', detail }
}

const run = (): void => {
  let agent: Agent | null = null
  let ended = false
  app.on('will-quit', (event) => {
    if (ended || agent === null) return
    event.preventDefault()
    ended = true
    agent.dispose().then(
      () => app.exit(0),
      (error: unknown) => {
        console.error('Lanyard did not end cleanly:', error)
        app.exit(1)
      },
    )
  })
  app.on('window-all-closed', () => app.quit())
  start()
    .then((started) => (agent = started))
    .catch((error: unknown) => {
      console.error('Lanyard cannot show a window:', error)
      app.exit(1)
    })
}

app.setName('Lanyard')
app.enableSandbox()
// A second Lanyard on one workstation would fight over reader and store.
if (app.requestSingleInstanceLock()) run()
else app.exit(0)
