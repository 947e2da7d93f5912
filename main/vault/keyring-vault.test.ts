import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { loadKeyring } from './keyring-vault.ts'

test('a library that the environment names is not loaded into the process with the keys', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-library-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const library = join(directory, 'library.cjs')
  writeFileSync(library, 'globalThis.strangeLibrary = true\nmodule.exports = {}\n')
  vi.stubEnv('NAPI_RS_NATIVE_LIBRARY_PATH', library)
  onTestFinished(() => void vi.unstubAllEnvs())
  // Whether this machine has a native keyring or not: the stranger must not run.
  await loadKeyring().catch(() => {})
  expect(globalThis).not.toHaveProperty('strangeLibrary')
})
