import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, inject, test } from 'vitest'
import { startLightAgent } from '../../support/light-agent.ts'
import { addPeople } from '../../support/many-people.ts'
import { startNode } from '../../support/nodes.ts'
import { freshSchema } from '../../support/postgres-schema.ts'

const entry = fileURLToPath(new URL('../../support/node-process.ts', import.meta.url))
const patience = { timeout: 30_000, interval: 20 }

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

test('the node that moved a session is killed: another one marks the seat in a few seconds', async () => {
  const place = freshSchema(inject('postgres'))
  undo.push(() => place.drop())
  const { connectionString, schema } = place.session
  const doomed = spawn(process.execPath, [entry, connectionString, schema], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => doomed.once('exit', resolve))
  undo.push(() => (doomed.kill('SIGKILL'), exited))
  const port = await portOf(doomed)
  // Whatever it looks at by itself is looked at in the first moment, and then half a minute later.
  const other = await startNode({ ...place.session, name: 'other' })
  undo.push(() => other.stop())
  const [person] = await addPeople(other.db, 'person', 1)
  if (!person) throw new Error('nobody')
  const left = await startLightAgent('left', other)
  undo.push(() => left.dispose())
  const next = await startLightAgent('next', other)
  undo.push(() => next.dispose())
  next.network.target = { host: '127.0.0.1', port }
  next.wake()
  await expect.poll(() => [left.unsettled, next.unsettled], patience).toEqual([null, null])

  await expect.poll(() => left.tap(person, { passkey: true }), patience).toBe(true)
  left.network.blackhole('up', 'down')
  await expect.poll(() => next.tap(person, { passkey: true }), patience).toBe(true)
  doomed.kill('SIGKILL')
  await exited
  const move = () => other.db.read.selectFrom('handovers').selectAll().executeTakeFirstOrThrow()
  expect(await move()).toMatchObject({ secured_at: null, unsecured_at: null })
  await expect
    .poll(async () => (await move()).unsecured_at, { timeout: 15_000, interval: 50 })
    .not.toBeNull()
}, 120_000)

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the node ended before it served')))
    if (!child.stdout) throw new Error('no output')
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; port: number }
      if (said.event === 'ready') resolve(said.port)
    })
  })
}
