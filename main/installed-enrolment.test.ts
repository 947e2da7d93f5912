import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createInstalledEnrolment, installedEnrolmentPath } from './installed-enrolment.ts'

const url = 'https://lanyard.example'
const token = 'tok-0123456789abcdef'

let folder: string
let path: string
let sitePath: string
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-installed-'))
  path = installedEnrolmentPath(join(folder, 'program', 'lanyard'))
  sitePath = join(folder, 'data', 'site.json')
  said = []
  await mkdir(dirname(path), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

const left = (text: string) => writeFile(path, text)
const starting = (other: { remove?: () => Promise<void> } = {}) =>
  createInstalledEnrolment({ path, sitePath, report: (line) => said.push(line), ...other })
const take = () => starting()()
const site = async () => JSON.parse(await readFile(sitePath, 'utf8')) as unknown
const writeSite = async (content: string) => {
  await mkdir(dirname(sitePath), { recursive: true })
  await writeFile(sitePath, content)
}

test('what the installer left is taken into site.json, for this account only, and erased', async () => {
  // As Windows Installer writes it.
  await left(`[enrolment]\r\nurl=${url}\r\ntoken=${token}\r\n`)
  await take()
  expect(await site()).toEqual({ authority: { url }, enrolmentToken: token })
  expect((await stat(sitePath)).mode & 0o777).toBe(0o600)
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(said).toEqual([])
  await take()
  expect(await site()).toEqual({ authority: { url }, enrolmentToken: token })
})

test('an installation anew moves a workstation, and keeps what else it is called', async () => {
  await writeSite(
    JSON.stringify({ workstation: 'bay-4', authority: { url: 'https://old.example' } }),
  )
  await left(`[enrolment]\nurl=${url}/\ntoken=${token}\n`)
  await take()
  expect(await site()).toEqual({
    workstation: 'bay-4',
    authority: { url },
    enrolmentToken: token,
  })
})

test('an address without a token is taken too, and a token that waits is kept', async () => {
  await writeSite(JSON.stringify({ authority: { url }, enrolmentToken: token }))
  await left(`[enrolment]\nurl=${url}\ntoken=\n`)
  await take()
  expect(await site()).toEqual({ authority: { url }, enrolmentToken: token })
})

test('what a repair leaves, which knows neither, changes nothing and is erased', async () => {
  await left('[enrolment]\nurl=\ntoken=\n')
  await take()
  await expect(stat(sitePath)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  ['no address', `[enrolment]\ntoken=${token}\n`],
  ['an address that is none', `[enrolment]\nurl=lanyard.example\ntoken=${token}\n`],
  ['a token that is none', `[enrolment]\nurl=${url}\ntoken=sesame\n`],
  ['nothing', ''],
])('a file with %s is told with what to do next, quoting nothing', async (_name, text) => {
  await left(text)
  const fault = await take().catch((error: unknown) => error)
  expect(fault).toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('LANYARD_AUTHORITY_URL') as string,
  })
  expect(String(fault)).not.toMatch(/sesame|tok-/)
  // Whoever is asked to mend it finds it as it was.
  expect(await readFile(path, 'utf8')).toBe(text)
})

test('a workstation that has its site goes on with it when the file is of no use', async () => {
  await writeSite(JSON.stringify({ authority: { url } }))
  await left('[enrolment]\nurl=nonsense\n')
  await take()
  expect(await site()).toEqual({ authority: { url } })
  expect(said.join()).toContain('LANYARD_AUTHORITY_URL')
})

test('a site.json that is no JSON is left for the start to tell, and the token for later', async () => {
  await writeSite('{ "authority": ')
  await left(`[enrolment]\nurl=${url}\ntoken=${token}\n`)
  await take()
  expect(await readFile(sitePath, 'utf8')).toBe('{ "authority": ')
  expect(await readFile(path, 'utf8')).toContain(token)
})

test('without anything left nothing happens', async () => {
  await rm(dirname(path), { recursive: true })
  await take()
  await expect(stat(sitePath)).rejects.toMatchObject({ code: 'ENOENT' })
})

const denied = () => Promise.reject(Object.assign(new Error('denied'), { code: 'EACCES' }))

test('a file that cannot be erased is taken, and told without the token', async () => {
  await left(`[enrolment]\nurl=${url}\ntoken=${token}\n`)
  await starting({ remove: denied })()
  expect(await site()).toMatchObject({ enrolmentToken: token })
  expect(said.join()).toMatch(/delete it as administrator.*EACCES/)
  expect(said.join()).not.toContain(token)
})

test('one that stays is taken once: a newer token in site.json is kept, and nothing told again', async () => {
  await left(`[enrolment]\nurl=${url}\ntoken=${token}\n`)
  const look = starting({ remove: denied })
  await look()
  const newer = { authority: { url }, enrolmentToken: 'tok-brought-by-hand' }
  await writeSite(JSON.stringify(newer))
  await look()
  await look()
  expect(await site()).toEqual(newer)
  expect(said).toHaveLength(1)
  const anew = 'tok-installed-anew'
  await left(`[enrolment]\nurl=${url}\ntoken=${anew}\n`)
  await look()
  expect(await site()).toMatchObject({ enrolmentToken: anew })
})

test('the same installation anew, after the file was erased, is taken again', async () => {
  const look = starting()
  for (let round = 0; round < 2; round += 1) {
    await writeSite(JSON.stringify({ authority: { url } }))
    await left(`[enrolment]\nurl=${url}\ntoken=${token}\n`)
    await look()
    expect(await site()).toMatchObject({ enrolmentToken: token })
  }
})

test('a file that stays of no use is told once', async () => {
  await writeSite(JSON.stringify({ authority: { url } }))
  await left('[enrolment]\nurl=nonsense\n')
  const look = starting()
  await look()
  await look()
  expect(said).toHaveLength(1)
})
