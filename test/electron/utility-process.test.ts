/* oxlint-disable unicorn/require-post-message-target-origin -- these ports are not windows */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixture, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'
import type { StandInUtilityProcess } from './utility-process.ts'

let standIn: StandIn
beforeAll(async () => {
  standIn = await startBlank()
})
afterAll(async () => {
  await standIn.close()
})

const next = (child: StandInUtilityProcess, event: string) =>
  new Promise<unknown>((resolve) => {
    child.once(event, resolve)
  })

const start = async (...args: string[]) => {
  const child = standIn.electron.utilityProcess.fork(fixture('child.ts'), args, {
    serviceName: 'child',
  })
  expect(await next(child, 'message')).toBe('hello')
  return child
}

test('messages travel both ways with the values of the structured clone', async () => {
  const child = await start('--flag')
  expect(child.pid).not.toBe(process.pid)
  const data = new Map<string, unknown>([
    ['when', new Date(0)],
    ['bytes', new Uint8Array([1, 2])],
  ])
  child.postMessage(data)
  expect(await next(child, 'message')).toEqual({ data, args: ['--flag'], type: 'utility' })
  child.kill()
  await next(child, 'exit')
})

test('the exit code arrives, and a message to who is gone is dropped', async () => {
  const child = await start()
  child.postMessage('exit')
  expect(await next(child, 'exit')).toBe(7)
  expect(child.pid).toBeUndefined()
  expect(child.kill()).toBe(false)
  expect(() => child.postMessage('late')).not.toThrow()
})

test('the child has neither electron nor the channel of Node', async () => {
  const child = await start()
  child.postMessage('electron')
  expect(await next(child, 'message')).toMatch(/has no module `electron` in utility processes/)
  child.postMessage('send')
  expect(await next(child, 'message')).toBe('undefined')
  child.kill()
  await next(child, 'exit')
})

test('the child may start worker threads', async () => {
  const child = await start()
  child.postMessage('worker')
  expect(await next(child, 'message')).toBe('from a worker')
  child.kill()
  await next(child, 'exit')
})

test('piped output can be read', async () => {
  const child = standIn.electron.utilityProcess.fork(fixture('child.ts'), [], { stdio: 'pipe' })
  await next(child, 'message')
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  child.postMessage('print')
  await expect.poll(() => text).toBe('printed\n')
  child.kill()
  await next(child, 'exit')
})

test('ports cannot be transferred, and it says so', async () => {
  const child = await start()
  expect(() => child.postMessage('x', [{}])).toThrow(/does not provide the transfer of ports/)
  child.kill()
  await next(child, 'exit')
})

test('the end of the application ends its children', async () => {
  const other = await startBlank({ browser: standIn.browser })
  const child = other.electron.utilityProcess.fork(fixture('child.ts'))
  await next(child, 'message')
  const gone = next(child, 'exit')
  await other.close()
  await gone
  expect(child.pid).toBeUndefined()
})
