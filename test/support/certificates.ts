import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A certification authority of a test, which nobody else trusts. Needs the program `openssl`. */
export interface TestCa {
  /** Its certificate, PEM. */
  readonly certificate: string
  /** A new certificate for names and addresses, put at the paths; files there are replaced at once. */
  issue(options: {
    readonly names: readonly string[]
    readonly certificateFile: string
    readonly keyFile: string
  }): Promise<void>
  dispose(): Promise<void>
}

export async function createTestCa(): Promise<TestCa> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-ca-'))
  const openssl = (args: readonly string[]) => run('openssl', args, { cwd: folder })
  const subject = ['-subj', '/CN=Willowbrook test authority']
  const made = ['-keyout', 'ca.key', '-out', 'ca.crt', '-days', '30']
  await openssl(['req', '-x509', ...curve, ...subject, ...made])
  let issued = 0
  return {
    certificate: await readFile(join(folder, 'ca.crt'), 'utf8'),
    async issue({ names, certificateFile, keyFile }) {
      issued += 1
      const own = `own-${issued}`
      const entries = names.map((name) => (/^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`))
      await writeFile(join(folder, `${own}.ext`), `subjectAltName=${entries.join(',')}\n`)
      const request = ['-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', `/CN=${names[0]}`]
      await openssl(['req', ...curve, ...request])
      const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '10']
      const named = ['-extfile', `${own}.ext`, '-out', `${own}.crt`]
      await openssl(['x509', '-req', '-in', `${own}.csr`, ...by, ...named])
      await chmod(join(folder, `${own}.key`), 0o600)
      await rename(join(folder, `${own}.key`), keyFile)
      await rename(join(folder, `${own}.crt`), certificateFile)
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}

/** What a server that no client has to believe shows, by an authority that is gone already. */
export async function anyCertificate(): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-tls-'))
  const ca = await createTestCa()
  try {
    const [certificateFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
    await ca.issue({ names: ['lanyard.example'], certificateFile, keyFile })
    return { cert: await readFile(certificateFile), key: await readFile(keyFile) }
  } finally {
    await ca.dispose()
    await rm(folder, { recursive: true })
  }
}
