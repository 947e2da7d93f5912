import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type MachinesFixture, machinesFixture } from '../test/support/machines.ts'
import { addEnrolCommand } from './cli/enrol.ts'
import { openHousePolicy } from './machine/house-policy.ts'
import { createMachinePost } from './machine/machine-post.ts'
import { loadMachine } from './machine/machine-vault.ts'
import { createTokenKeys } from './machine/token-keys.ts'
import { openMachine } from './open-machine.ts'
import { filePolicySource } from './policy/policy-source.ts'
import { removeEnrolmentToken, siteSchema } from './site.ts'
import { memoryVault } from './vault/memory-vault.ts'
import { openVault } from './vault/open-vault.ts'

let f: MachinesFixture
let folder: string
beforeEach(async () => {
  f = await machinesFixture()
  folder = await mkdtemp(join(tmpdir(), 'lanyard-site-'))
})
afterEach(async () => {
  await f.dispose()
  await rm(folder, { recursive: true })
})

const add = (id = 'ws-1') => f.machines.register.add({ id, name: 'Bay 4', place: '', by: 'it' })
const vault = memoryVault()
const open = (token: string | null, { at = vault, authority = f.issuer, canWrite = true } = {}) => {
  const used: string[] = []
  const opened = openMachine({
    authority,
    token,
    tokenUsed: () => {
      used.push('used')
      const denied = Object.assign(new Error('denied'), { code: 'EACCES' })
      return canWrite ? Promise.resolve() : Promise.reject(denied)
    },
    vault: at,
    post: createMachinePost({ timeout: 1_000 }),
    now: f.now,
  })
  return { opened, used }
}

test('without key and token it says what IT does next', async () => {
  await expect(open(null, { at: memoryVault() }).opened).rejects.toMatchObject({
    code: 'not-enrolled',
    message: expect.stringContaining('lanyard enrol') as string,
  })
})

test('a token that cannot be taken out of its file keeps nobody from starting, now or later', async () => {
  const at = memoryVault()
  const said = vi.spyOn(console, 'error').mockReturnValue()
  const { token } = await add()
  await open(token, { at, canWrite: false }).opened
  f.advance(3_600_000)
  await open(token, { at, canWrite: false }).opened
  expect(said.mock.calls.join()).toContain('EACCES')
  expect(said.mock.calls.join()).not.toContain(token)
  said.mockRestore()
})

test('a token is used once; the same one rolled out again does no harm', async () => {
  const at = memoryVault()
  const { token } = await add()
  const first = open(token, { at })
  await first.opened
  expect(first.used).toEqual(['used'])
  f.advance(3_600_000)
  const again = open(token, { at })
  await again.opened
  expect(again.used).toEqual(['used'])
  await open(null, { at }).opened
})

test('a spent token is told once and taken away: it will not become good', async () => {
  const { token } = await add()
  await open(token, { at: memoryVault() }).opened
  f.advance(3_600_000)
  const other = open(token, { at: memoryVault() })
  await expect(other.opened).rejects.toMatchObject({
    code: 'enrolment-refused',
    message: expect.stringContaining('lanyard authority workstation token') as string,
  })
  expect(other.used).toEqual(['used'])
})

test('a token that nobody has seen yet stays for the next attempt', async () => {
  const { opened, used } = open('x'.repeat(22), {
    at: memoryVault(),
    authority: 'http://127.0.0.1:1',
  })
  await expect(opened).rejects.toMatchObject({ code: 'authority-unreachable' })
  expect(used).toEqual([])
})

test('after a lost answer the same token is good once more, and so is another one', async () => {
  const at = memoryVault()
  const keyFor = createTokenKeys()
  const post = createMachinePost({ timeout: 1_000 })
  const attempt = (token: string, isLost: boolean) =>
    openMachine({
      authority: f.issuer,
      token,
      tokenUsed: () => Promise.resolve(),
      vault: at,
      keyFor,
      now: f.now,
      async post(url, init) {
        const answer = await post(url, init)
        if (isLost) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
        return answer
      },
    })
  const { token: first } = await add()
  await expect(attempt(first, true)).rejects.toMatchObject({ code: 'authority-unreachable' })
  const { keyId } = await keyFor(first)
  expect((await keyFor(first)).keyId).toBe(keyId)
  const { token: second } = await f.machines.register.issueToken({ id: 'ws-1', by: 'it' })
  await expect(attempt(second, true)).rejects.toMatchObject({ code: 'authority-unreachable' })
  await attempt(second, false)
  await expect(loadMachine(at)).resolves.not.toBeNull()
})

test.each([
  ['a token that is not good', 'x'.repeat(22), {}, 'enrolment-refused'],
  ['nobody there', 'x'.repeat(22), { authority: 'http://127.0.0.1:1' }, 'authority-unreachable'],
] as const)('%s is told as such', async (_name, token, where, code) => {
  await expect(open(token, { at: memoryVault(), ...where }).opened).rejects.toMatchObject({ code })
})

test('a machine of another authority is not taken for one of this', async () => {
  const at = memoryVault()
  const { token } = await add()
  await open(token, { at }).opened
  await expect(open(null, { at, authority: 'https://other.example' }).opened).rejects.toMatchObject(
    { code: 'not-enrolled' },
  )
})

test('the token is taken out of site.json, and nothing else', async () => {
  const path = join(folder, 'site.json')
  const site = { authority: { url: 'https://lanyard.example' }, workstation: 'w' }
  await writeFile(path, JSON.stringify({ ...site, enrolmentToken: 'x'.repeat(22) }))
  await removeEnrolmentToken(path)
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(site)
  await removeEnrolmentToken(path)
})

test.each([
  [{ rpId: 'lanyard.example' }, true],
  [{ authority: { url: 'https://lanyard.example' } }, true],
  [{ authority: { url: 'https://lanyard.example/' } }, true],
  [{ authority: { url: 'https://lanyard.example:8443' } }, true],
  [{ authority: { url: 'http://127.0.0.1:8080' } }, true],
  [{ authority: { url: 'http://lanyard.example' } }, false],
  [{ authority: { url: 'https://lanyard.example/agent' } }, false],
  [{ authority: { url: 'lanyard.example' } }, false],
  [{}, false],
  [{ rpId: 'lanyard.example', enrolmentToken: 'x'.repeat(22) }, false],
])('site.json with %j is fit for use: %s', (content, fit) => {
  expect(siteSchema.safeParse(content).success).toBe(fit)
})

test('"lanyard enrol" reads the token from its input and keeps the key where the agent looks', async () => {
  const program = new Command('lanyard').exitOverride()
  const input = new PassThrough()
  const out: string[] = []
  const denied = () => Promise.reject(new Error('no keyring here'))
  // The agent's store of this folder is a file.
  await openVault({ safeStorage: null, directory: folder, allowFile: true, keyring: denied })
  await writeFile(join(folder, 'site.json'), JSON.stringify({ authority: { url: f.issuer } }))
  addEnrolCommand(
    { program, output: { out: (text) => out.push(text), err: () => {} }, finish: () => {} },
    { keyring: denied, input },
  )
  f.advance(Date.now() - f.now())
  const { token } = await add()
  input.end(`${token}\n`)
  await program.parseAsync(['enrol', '--data', folder], { from: 'user' })
  expect(JSON.parse(out.join(''))).toMatchObject({ workstation: { id: 'ws-1' } })
  const at = await openVault({
    safeStorage: null,
    directory: folder,
    allowFile: true,
    keyring: denied,
  })
  expect(await loadMachine(at)).toMatchObject({ identity: { authority: f.issuer } })
  expect(out.join('')).not.toContain(token)
})

test('the hospital’s policy lies beneath the machine’s own, and lasts over a start without it', async () => {
  const report: string[] = []
  await writeFile(join(folder, 'policy.json'), '{"tap.lockNow": 6000}')
  const start = () =>
    openHousePolicy({
      directory: folder,
      own: [filePolicySource(join(folder, 'policy.json'))],
      names: { name: 'Bay 4', place: 'Willow' },
      report: (line) => report.push(line),
    })
  const house = start()
  expect(house.policy).toMatchObject({ 'workstation.name': 'Bay 4', 'workstation.place': 'Willow' })
  const values = { 'tap.lockNow': 7000, 'tap.ignoreAgain': 2000, 'workstation.place': 'East' }
  expect(await house.take(values)).toMatchObject({
    'tap.lockNow': 6000,
    'tap.ignoreAgain': 2000,
    'workstation.place': 'East',
  })
  expect(await house.take(values)).toBeNull()
  expect(start().policy).toMatchObject({ 'tap.lockNow': 6000, 'tap.ignoreAgain': 2000 })
  expect(report).toEqual([])
})
