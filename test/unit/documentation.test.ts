import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { configSchema } from '../../main/authority/service/config-schema.ts'
import { createMetrics } from '../../main/authority/service/metrics.ts'
import { parseConfig, parseYaml } from '../../main/authority/service/read-config.ts'
import { houseSeedSchema } from '../../main/authority/service/seed-schema.ts'
import { applicationSchema, seedSchema } from '../../main/authority/protocol/process.ts'
import { parseCanonicalBadge } from '../../main/badge/canonical.ts'
import { fixedPolicySource } from '../../main/policy/policy-source.ts'
import { readPolicy } from '../../main/policy/read-policy.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs')
const example = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(docs, 'examples', name), 'utf8'))

test.each(['site.json', 'policy.json', 'applications.json', 'people.json'])(
  'the page on configuration shows %s as it is',
  async (name) => {
    const page = await readFile(join(docs, 'configuration.md'), 'utf8')
    expect(page).toContain(await readFile(join(docs, 'examples', name), 'utf8'))
  },
)

test('the example of a policy means what it says', async () => {
  const values = z.record(z.string(), z.unknown()).parse(await example('policy.json'))
  const { policy, report } = readPolicy([fixedPolicySource('example', values)])
  expect(report).toEqual([])
  expect(policy).toMatchObject(values)
})

test('the examples of reader settings are what policy accepts', async () => {
  const page = await readFile(join(docs, 'readers.md'), 'utf8')
  const examples = [...page.matchAll(/```json\n(\{\s+"badge\.[\s\S]*?)```/g)]
  expect(examples).toHaveLength(3)
  for (const [, text = ''] of examples) {
    const values = z.record(z.string(), z.unknown()).parse(JSON.parse(text))
    expect(readPolicy([fixedPolicySource('example', values)]).report).toEqual([])
  }
})

test('the examples of applications and people are what the authority accepts', async () => {
  const applications = z.array(applicationSchema).parse(await example('applications.json'))
  expect(applications).toHaveLength(1)
  const { people } = seedSchema.parse(await example('people.json'))
  for (const badge of people.flatMap(({ badges }) => badges))
    expect(parseCanonicalBadge(badge)).toMatchObject({ format: 'H10301' })
})

test.each(['authority.example.yaml', 'people.example.yaml'])(
  'the page on operation shows %s as it is',
  async (name) => {
    const page = await readFile(join(docs, 'operate.md'), 'utf8')
    expect(page).toContain(await readFile(join(docs, 'operate', name), 'utf8'))
  },
)

test('the examples of operation are what the authority accepts', async () => {
  const read = (name: string) => readFile(join(docs, 'operate', name), 'utf8')
  const { config, notes } = parseConfig(await read('authority.example.yaml'), 'example')
  expect(notes).toEqual([])
  expect(config.applications).toHaveLength(1)
  const seed = parseYaml(await read('people.example.yaml'), 'example', houseSeedSchema, () => true)
  expect(seed.people.map(({ given }) => given)).toEqual(['Marigold'])
  expect(seed.workstations).toHaveLength(1)
})

test('the page on operation names every key of the configuration and every metric', async () => {
  const page = await readFile(join(docs, 'operate.md'), 'utf8')
  for (const key of Object.keys(configSchema.shape)) expect(page).toMatch(`| \`${key}`)
  const text = await createMetrics().text()
  const own = [...text.matchAll(/^# TYPE (lanyard_\w+)/gm)].map(([, name = '']) => name)
  expect(own.length).toBeGreaterThan(10)
  for (const name of own) expect(page).toContain(`\`${name}\``)
})

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...[
    'audit-log',
    'benchmarks',
    'command-line',
    'concept',
    'configuration',
    'develop',
    'directory',
    'machines',
    'offline',
    'operate',
    'policy',
    'readers',
    'release',
    'requirements',
    'roaming',
    'security',
    'seed',
  ].map((name) => `docs/${name}.md`),
])('every link of %s leads to a file and a heading', async (page) => {
  const root = join(docs, '..')
  const text = await readFile(join(root, page), 'utf8')
  const links = [...text.matchAll(/(?<!!)\[[^\]]*\]\(([^)\s]+)\)/g)].map(
    ([, target]) => target ?? '',
  )
  for (const link of links) {
    if (/^https?:/.test(link)) continue
    const [path = '', heading] = link.split('#')
    const file = path === '' ? join(root, page) : join(root, page, '..', path)
    const target = await readFile(file, 'utf8')
    if (heading === undefined) continue
    const headings = [...target.matchAll(/^#+ (.+)$/gm)].map(([, title]) => slug(title ?? ''))
    expect(headings).toContain(heading)
  }
})

/** The anchor that a heading gets when the page is shown. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

test('requirements and pages that the source names exist', async () => {
  const root = join(docs, '..')
  const requirements = await readFile(join(docs, 'requirements.md'), 'utf8')
  const missing: string[] = []
  let named = 0
  for (const folder of ['main', 'preload', 'renderer', 'test', 'scripts']) {
    const files = await readdir(join(root, folder), { recursive: true })
    const own = files.filter((file) => !file.split(/[\\/]/).includes('node_modules'))
    for (const name of own.filter((file) => /\.(ts|tsx|cts|css|sh)$/.test(file))) {
      const text = await readFile(join(root, folder, name), 'utf8')
      for (const [, number = ''] of text.matchAll(/\((R\d+)[),]/g)) {
        named += 1
        if (!requirements.includes(`| ${number} `)) missing.push(`${folder}/${name}: ${number}`)
      }
      // A comment stands alone or leads to something that everybody has.
      for (const [page] of text.matchAll(/(?<![\w`'"{}./-])[\w/-]+\.md\b|\bfacts\/[\w.-]+/g))
        if (!existsSync(join(root, page))) missing.push(`${folder}/${name}: ${page}`)
    }
  }
  expect(missing).toEqual([])
  expect(named).toBeGreaterThan(5)
})
