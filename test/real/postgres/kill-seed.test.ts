import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openQuery } from '../../support/schema-query.ts'
import { sourceProgram } from '../../support/service-process.ts'
import { startTwoNodes, type TwoNodes, type Which } from '../../support/two-nodes.ts'
import { faultsOf } from '../../support/whole-log.ts'
import { newSchema } from './schema.ts'

/* `lanyard authority seed` is killed somewhere on its way; said again, it does the rest. */

const rounds = 4
const [people, workstations] = [120, 12]

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})
let house: TwoNodes
let folder: string
let query: ReturnType<typeof openQuery>['query']
beforeAll(async () => {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  folder = await mkdtemp(join(tmpdir(), 'lanyard-seed-'))
  undo.push(() => rm(folder, { recursive: true }))
  house = await startTwoNodes({ session })
  undo.push(() => house.dispose())
  const asked = openQuery(session)
  ;({ query } = asked)
  undo.push(asked.close)
})

const range = (length: number) => Array.from({ length }, (_, n) => n)
const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  format: 'jwk',
})

/** A ward whose names begin with its number, as a file. */
async function ward(round: number): Promise<string> {
  const origin = `http://127.0.0.1:${9_000 + round}`
  const seed = {
    people: range(people).map((n) => ({
      personId: `p${round}-${n}`,
      given: 'Nurse',
      family: `Example ${n}`,
      role: 'nurse',
      badges: [`WIEGAND|H10301|26|${round + 1}|${n + 1}`],
      applications: [`ehr-${round}`],
      patient: null,
      enrolmentCode: `example-only-${round}-${n}`,
    })),
    workstations: range(workstations).map((n) => ({ id: `ws${round}-${n}`, name: `Bay ${n}` })),
    applications: [
      {
        id: `ehr-${round}`,
        name: 'Records',
        kind: 'ehr',
        clientId: `ehr-${round}`,
        redirectUris: [`${origin}/callback`],
        launchUrl: `${origin}/launch`,
        resource: `${origin}/fhir`,
        origins: [],
        jwks: { keys: [{ ...publicKey, kid: 'k1', use: 'sig', alg: 'ES256' }] },
      },
    ],
  }
  const file = join(folder, `${round}.json`)
  await writeFile(file, JSON.stringify(seed))
  return file
}

function load(file: string, node: Which) {
  const command = [sourceProgram, 'authority', 'seed', file, '--config', house.config(node)]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const ended = new Promise<{ readonly signal: string | null }>((resolve) =>
    child.once('close', (_code, signal) => resolve({ signal })),
  )
  return {
    ended,
    kill: () => child.kill('SIGKILL'),
    summary: async () => {
      await ended
      if (out === '') throw new Error(err)
      return JSON.parse(out) as {
        readonly people: { readonly added: number; readonly unchanged: number }
      }
    },
  }
}

/** How many rows there are of a ward, and of records in all. */
async function found(round: number): Promise<Record<string, number>> {
  const [row] = await query(
    `select (select count(*) from people where person_id like $1) as people,
      (select count(distinct person_id) from badges where person_id like $1) as holders,
      (select count(*) from badges where person_id like $1) as badges,
      (select count(distinct person_id) from enrolment_codes where person_id like $1 and used_at is null) as invited,
      (select count(*) from enrolment_codes where person_id like $1) as codes,
      (select count(*) from workstations where workstation_id like $2) as workstations,
      (select count(*) from house_applications where application_id = $3) as applications,
      (select count(*) from "auditRecord") as records`,
    [`p${round}-%`, `ws${round}-%`, `ehr-${round}`],
  )
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, n]) => [name, Number(n)]))
}

const whole = {
  people,
  holders: people,
  badges: people,
  invited: people,
  codes: people,
  workstations,
  applications: 1,
}

test(`a seed whose loading is killed is whole when it is loaded again, ${rounds} times`, async () => {
  const first = await found(0)
  expect(await load(await ward(0), 0).summary()).toMatchObject({ people: { added: people } })
  const each = Number((await found(0))['records']) - Number(first['records'])

  let cut = 0
  for (let round = 1; round <= rounds; round += 1) {
    const file = await ward(round)
    const before = await found(round)
    const loading = load(file, 0)
    const over = new AbortController()
    const enough = Number(before['records']) + 1 + Math.floor(Math.random() * (each - 1))
    await Promise.race([
      loading.ended,
      (async () => {
        while (!over.signal.aborted && Number((await found(round))['records']) < enough)
          await pause(1)
      })(),
    ])
    over.abort()
    // Somewhere in the transaction that follows.
    await pause(Math.random() * 10)
    loading.kill()
    await loading.ended
    const left = await found(round)
    if (Number(left['workstations']) < workstations) cut += 1

    expect(await load(file, 1).summary()).toMatchObject({
      people: { added: people - Number(left['people']), unchanged: left['people'] },
    })
    const after = await found(round)
    expect(after).toMatchObject(whole)
    // Each thing is on record once.
    expect(Number(after['records']) - Number(before['records'])).toBe(each)
    expect(await load(file, 0).summary()).toMatchObject({ people: { added: 0, unchanged: people } })
    expect(await found(round)).toEqual(after)
  }
  process.stdout.write(`${cut} of ${rounds} were cut short\n`)
  expect(cut).toBeGreaterThan(0)
  expect(await faultsOf(house.db, query)).toEqual([])
}, 300_000)
