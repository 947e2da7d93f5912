import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseYaml } from './read-config.ts'
import { readSeed } from './seed-file.ts'
import { houseSeedSchema } from './seed-schema.ts'

const root = join(import.meta.dirname, '../../..')
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-seed-'))
})
afterEach(() => rm(directory, { recursive: true }))

const faultsOf = async (text: string): Promise<string> => {
  const path = join(directory, 'house.yaml')
  await writeFile(path, text)
  const fault = await readSeed(path).catch((error: unknown) => error)
  return String(fault)
}

test('the page on the seed names every key, and its example is one', async () => {
  const page = await readFile(join(root, 'docs/seed.md'), 'utf8')
  const { people, workstations } = houseSeedSchema.shape
  const keys = [
    ...Object.keys(houseSeedSchema.shape),
    ...Object.keys(people.unwrap().element.shape),
    ...Object.keys(workstations.unwrap().element.shape),
  ]
  expect(keys.length).toBeGreaterThan(14)
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  for (const key of keys) {
    expect(example).toContain(`${key}:`)
    expect(page.replace(example, '').toLowerCase()).toMatch(new RegExp(`\`${key}\`|## ${key}`, 'i'))
  }
  const { people: shown } = parseYaml(example, 'docs/seed.md', houseSeedSchema, () => true)
  expect(shown[0]?.roster).toEqual([
    { from: Date.UTC(2026, 0, 5, 5), to: Date.UTC(2026, 0, 5, 13, 30) },
  ])
})

test('the house of the sandbox is a seed like any other', async () => {
  const house = await readSeed(join(root, 'test/sandbox/house.yaml'))
  expect(house.people.map(({ personId, badges }) => [personId, badges[0]])).toEqual([
    ['mary', 'WIEGAND|H10301|26|118|1603'],
    ['jonas', 'WIEGAND|H10301|26|118|1604'],
    ['petra', 'WIEGAND|H10301|26|118|1605'],
    ['sam', 'WIEGAND|H10301|26|118|1606'],
    ['iva', 'WIEGAND|H10301|26|118|1607'],
  ])
  expect(house.workstations).toMatchObject([{ id: 'ws-willow-4-12' }])
})

test.each([
  ['a key of its own', 'people: [{ given: Marigold, shoeSize: Seven }]', 'shoeSize'],
  ['a badge that is none', 'people: [{ given: Marigold, badges: [Seven] }]', 'people.0.badges.0'],
  ['no YAML', 'people: [{ given: "Marigold }]', 'line 1'],
])('a file with %s is refused by its place, and nothing of it is shown', async (_, text, place) => {
  const faults = await faultsOf(text)
  expect(faults).toContain(place)
  expect(faults).not.toMatch(/Marigold|Seven/)
})

test('a file that is not there is named', async () => {
  await expect(readSeed(join(directory, 'none.yaml'))).rejects.toThrow(/none\.yaml.*ENOENT/)
})
