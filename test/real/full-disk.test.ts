import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectAuthority } from '../../main/authority/protocol/client.ts'
import {
  type AuthorityClient,
  type StartMessage,
  startMessageSchema,
} from '../../main/authority/protocol/index.ts'
import { type RunningAuthority, startAuthority } from '../../main/authority/start.ts'
import { defaultPolicy, rpId, staff } from '../support/authority.ts'
import { createPasskey, type SoftwarePasskey } from '../support/passkey.ts'

const hex = (bytes: number) => randomBytes(bytes).toString('hex')

/** Null, or what this machine does not allow. */
function lacking(): string | null {
  if (process.platform !== 'linux') return 'Linux'
  if (process.getuid?.() !== 0) return 'root, to mount a file system'
  const probe = mkdtempSync(join(tmpdir(), 'lanyard-probe-'))
  const options = ['-t', 'tmpfs', '-o', 'size=1m', 'probe', probe]
  const mounted = spawnSync('mount', options, { stdio: 'ignore' }).status === 0
  if (mounted) execFileSync('umount', [probe])
  rmSync(probe, { recursive: true })
  return mounted ? null : 'leave to mount a tmpfs (CAP_SYS_ADMIN)'
}
const lacks = lacking()
if (lacks) console.warn(`Skipped in full-disk.test.ts: this machine lacks ${lacks}.`)

describe.skipIf(lacks)(
  `a whole authority on a full disk${lacks ? ` (lacks ${lacks})` : ''}`,
  () => {
    let disk: string
    let message: StartMessage
    let running: RunningAuthority | null
    let client: AuthorityClient
    const reserve = () => existsSync(join(disk, 'lanyard.db.reserve'))
    const free = () => statfsSync(disk).bavail * statfsSync(disk).bsize

    async function start() {
      running = await startAuthority(message)
      client = connectAuthority({ url: running.url, secret: message.agentSecret, afterSeq: 0 })
      await client.call('agent.hello', { protocol: 1, afterSeq: 0 })
    }
    async function stop() {
      await client.dispose()
      await running?.stop()
      running = null
    }
    /** What somebody else's program may do to a disk. */
    function fillDisk() {
      spawnSync('dd', ['if=/dev/urandom', `of=${join(disk, 'other')}`, 'bs=64k'], {
        stdio: 'ignore',
      })
      spawnSync('dd', ['if=/dev/urandom', `of=${join(disk, 'rest')}`, 'bs=512'], {
        stdio: 'ignore',
      })
      expect(free()).toBe(0)
    }
    function freeDisk() {
      rmSync(join(disk, 'other'))
      rmSync(join(disk, 'rest'))
    }

    beforeEach(async () => {
      disk = mkdtempSync(join(tmpdir(), 'lanyard-full-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'small', disk])
      const idToken = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      message = startMessageSchema.parse({
        type: 'start',
        dataDirectory: disk,
        port: 0,
        rpId,
        policy: { ...defaultPolicy, 'emergency.quota': 100 },
        workstation: { id: 'ws-1', name: 'Ward 3' },
        applications: [
          {
            id: 'ehr',
            name: 'Sample EHR',
            kind: 'ehr',
            clientId: 'client-ehr',
            redirectUris: ['http://127.0.0.1:9/callback'],
            launchUrl: 'http://127.0.0.1:9/launch',
            resource: 'http://127.0.0.1:9/fhir',
            origins: ['http://127.0.0.1:9'],
            jwks: { keys: [] },
          },
        ],
        seed: { people: [staff('maria'), staff('rosa', { role: 'charge-nurse' })] },
        agentSecret: hex(32),
        keys: {
          badge: { version: 1, key: hex(32) },
          log: hex(32),
          idToken: idToken.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
          cookie: hex(32),
        },
      })
      await start()
    })
    afterEach(async () => {
      if (running) await stop()
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    })

    async function enrol(person: string): Promise<SoftwarePasskey> {
      const code = `CODE-${person.toUpperCase()}`
      const begun = await client.call('enrolment.begin', { code, sessionId: null })
      if (begun.outcome !== 'begun') throw new Error(begun.reason)
      const key = createPasskey({ rpId })
      const { enrolmentId, options } = begun
      const response = key.register(options)
      await client.call('enrolment.finish', { enrolmentId, response, name: 'Key' })
      return key
    }
    async function tap(person: string, purpose: 'sign-in' | 'witness') {
      const tapId = hex(8)
      const badge = `badge-${person}`
      const answer = await client.call('tap.identify', { tapId, badge, reader: 'test', purpose })
      if (answer.outcome !== 'identified') throw new Error(answer.outcome)
      return { tapId, ceremony: answer.ceremony }
    }
    async function signIn(person: string, key: SoftwarePasskey) {
      const { ceremony } = await tap(person, 'sign-in')
      const { ceremonyId } = ceremony
      const response = key.assert(ceremony.options)
      return client.call('session.start', { ceremonyId, response })
    }
    /** From the tap of somebody without a key to the handle that opens the application, and out. */
    async function emergency(witness: SoftwarePasskey) {
      const { tapId } = await tap('maria', 'sign-in')
      const note = 'Key fell into the sharps bin.'
      const asked = await client.call('fallback.request', { tapId, reason: 'key-broken', note })
      if (asked.outcome !== 'requested') throw new Error(asked.reason)
      const { ceremony } = await tap('rosa', 'witness')
      const answer = await client.call('fallback.approve', {
        requestId: asked.requestId,
        ceremonyId: ceremony.ceremonyId,
        response: witness.assert(ceremony.options),
      })
      if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
      const { sessionId } = answer.session
      const { url } = await client.call('launch.create', { sessionId, application: 'ehr' })
      const opened = await fetch(url, { redirect: 'manual' })
      expect(opened.status).toBe(302)
      await client.call('session.end', { sessionId, reason: 'sign-out' })
    }
    test('lets ninety witnessed accesses through, ordinary sign-in not, and recovers', async () => {
      const rosa = await enrol('rosa')
      expect(reserve()).toBe(true)
      fillDisk()
      // The journal has room of its own until it is used again: only then is the disk full for us.
      const fill = async (): Promise<unknown> => {
        for (;;) await signIn('rosa', rosa)
      }
      await expect(fill()).rejects.toMatchObject({ code: 'store-full' })
      for (let n = 0; n < 90; n++) await emergency(rosa)
      expect(reserve()).toBe(false)
      await expect(signIn('rosa', rosa)).rejects.toMatchObject({ code: 'store-full' })
      const left = free()

      await stop()
      await start()
      await emergency(rosa)
      await expect(signIn('rosa', rosa)).rejects.toMatchObject({ code: 'store-full' })

      freeDisk()
      expect(await signIn('rosa', rosa)).toMatchObject({ outcome: 'signed-in' })
      expect(reserve()).toBe(true)
      await stop()
      const text = readFileSync(join(disk, 'lanyard.db'), 'latin1')
      expect(text).toContain('store.reserve-opened')
      expect(text).toContain('store.reserve-held')
      console.log(`full disk: 91 witnessed accesses, ${left} bytes left of the reserve after 90`)
    })

    test('a start in a disk that is full opens the reserve', async () => {
      const rosa = await enrol('rosa')
      await stop()
      fillDisk()
      await start()
      await emergency(rosa)
      expect(reserve()).toBe(false)
      writeFileSync(join(disk, 'rest'), '')
      writeFileSync(join(disk, 'other'), '')
      expect(await signIn('rosa', rosa)).toMatchObject({ outcome: 'signed-in' })
      expect(reserve()).toBe(true)
    })
  },
)
