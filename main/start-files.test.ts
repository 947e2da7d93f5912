import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seedSchema } from './authority/protocol/process.ts'
import { faultOf, readConfiguration } from './start-files.ts'
import { VaultError } from './vault/index.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-files-'))
  path = join(directory, 'people.json')
})
afterEach(() => rm(directory, { recursive: true }))

const faultIn = async (text: string) => {
  await writeFile(path, text)
  const error = await readConfiguration(path, seedSchema).catch((thrown: unknown) => thrown)
  return faultOf(error)
}

test('a file that is no JSON is a fault that names the line and quotes nothing', async () => {
  const fault = await faultIn('{\n  "people": [\n    { "given": "Maria" "family": "Example" }\n')
  expect(fault).toMatchObject({ code: 'configuration', detail: expect.stringContaining('line 3') })
  expect(fault.detail).not.toMatch(/Maria|Example|given/)
})

test('a file that is cut short is a fault that quotes nothing', async () => {
  const fault = await faultIn('{"people":[{"given":"Maria')
  expect(fault.code).toBe('configuration')
  expect(fault.detail).not.toContain('Maria')
})

test('a file of the wrong shape is a fault that names the place and no value', async () => {
  const maria = { personId: 'maria', given: 'Maria', family: 7, badges: ['wiegand|H10301|26|7|1'] }
  const { detail } = await faultIn(JSON.stringify({ people: [{ ...maria, role: 'Matron Maria' }] }))
  expect(detail).toContain('people[0].family')
  expect(detail).toContain('people[0].role')
  expect(detail).not.toMatch(/Maria|Matron|H10301/)
})

test('an absent file is its fallback, or a fault that says to create it', async () => {
  expect(await readConfiguration(path, seedSchema, { people: [] })).toEqual({ people: [] })
  await expect(readConfiguration(path, seedSchema)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('create it'),
  })
})

test('a fault of the secret store says what to do next', () => {
  const error = new VaultError('corrupt', 'The key "log" is gone.', 'Restore the secret store.')
  expect(faultOf(error)).toEqual({
    code: 'vault-unavailable',
    detail: 'The key "log" is gone. Restore the secret store.',
  })
})
