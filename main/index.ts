/*
 * Entry of the product. The data directory holds `policy.json`, `applications.json` and, on a
 * workstation without a directory service, `people.json`; docs/ says what is in them.
 */
import { join } from 'node:path'
import { app, safeStorage } from 'electron'
import { z } from 'zod'
import { type Agent, startAgent } from './agent.ts'
import { applicationSchema, seedSchema } from './authority/protocol/process.ts'
import { createInstalledEnrolment, installedEnrolmentPath } from './installed-enrolment.ts'
import { type Site, siteSchema } from './site.ts'
import { startAtService } from './start-at-service.ts'
import { builtParts } from './built-parts.ts'
import { startFaultScreen } from './start-fault-screen.ts'
import type { ShellOptions } from './workstation/open-seat.ts'
import { filePolicySource } from './policy/policy-source.ts'
import { describeReport, readPolicy } from './policy/read-policy.ts'
import { faultOf, readConfiguration } from './start-files.ts'
import { loadKeys, openVault } from './vault/index.ts'
import { describeError } from './describe-error.ts'
import { waitOnFaultScreen } from './wait-on-fault-screen.ts'

/** Shown when not even the domain is known; passkeys do not work under it, and none is asked for. */
const unknownSite = 'lanyard.invalid'

const start = async (): Promise<Agent> => {
  await app.whenReady()
  const directory = app.getPath('userData')
  const own = [filePolicySource(join(directory, 'policy.json'))]
  const { policy, report } = readPolicy(own)
  for (const entry of report) console.error(`policy: ${describeReport(entry)}`)
  const parts = builtParts(join(import.meta.dirname, '..'))
  const shell: Omit<ShellOptions, 'rpId'> = {
    policy,
    ...parts,
    // Installed, the seat fills the screen; in a checkout it must not take the desk away.
    ...(app.isPackaged ? {} : { windowSize: { width: 1366, height: 768 } }),
  }
  const sitePath = join(directory, 'site.json')
  const takeInstalled = createInstalledEnrolment({
    path: installedEnrolmentPath(process.execPath),
    sitePath,
    report: (line) => console.error(line),
  })
  const readSite = async () => {
    if (app.isPackaged) await takeInstalled()
    return readConfiguration(sitePath, siteSchema)
  }
  let site: Site
  try {
    site = await readSite()
  } catch (error) {
    // The first start after a roll-out may well be before IT has said where the authority is.
    return waitOnFaultScreen({ ...shell, rpId: unknownSite }, faultOf(error), readSite)
  }
  try {
    const vault = await openVault({
      safeStorage,
      directory,
      allowFile: policy['vault.allowFile'],
    })
    const seat = { ...shell, ...parts, readerArguments: [] }
    if (site.authority)
      return await startAtService({
        seat,
        own,
        directory,
        sitePath,
        readSite,
        vault,
        authority: site.authority.url,
        token: site.enrolmentToken ?? null,
      })
    return await startAgent({
      ...seat,
      rpId: site.rpId ?? unknownSite,
      dataDirectory: directory,
      workstation: { id: site.workstation, name: policy['workstation.name'] },
      applications: await readConfiguration(
        join(directory, 'applications.json'),
        z.array(applicationSchema),
        [],
      ),
      seed: await readConfiguration(join(directory, 'people.json'), seedSchema.nullable(), null),
      keys: await loadKeys(vault),
    })
  } catch (error) {
    return await startFaultScreen({ ...shell, rpId: unknownSite }, faultOf(error))
  }
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
        console.error('Lanyard did not end cleanly:', describeError(error))
        app.exit(1)
      },
    )
  })
  app.on('window-all-closed', () => app.quit())
  start()
    .then((started) => (agent = started))
    .catch((error: unknown) => {
      console.error('Lanyard cannot show a window:', describeError(error))
      app.exit(1)
    })
}

app.setName('Lanyard')
app.enableSandbox()
// A second Lanyard on one workstation would fight over reader and store.
if (app.requestSingleInstanceLock()) run()
else app.exit(0)
