import type { ClientBase } from 'pg'
import { expect, test } from 'vitest'
import { Servers, serversOf } from './servers.ts'

const a = { host: 'a' }
const b = { host: 'b' }
const c = { host: 'c' }
const client = () => ({}) as ClientBase

test('who leaves a server takes everybody to the next one, once', () => {
  const servers = new Servers([a, b, c])
  const left = servers.current
  servers.leave(left)
  // Somebody who had tried the first one, too.
  servers.leave(left)
  expect(servers.current).toBe(b)
  servers.leave(servers.current)
  servers.leave(servers.current)
  expect(servers.current).toBe(a)
})

test('a primary of an older timeline is refused, and so are connections to it from before', () => {
  const servers = new Servers([a, b])
  const [before, after] = [client(), client()]
  expect(servers.known).toBe(false)
  servers.accept(before, 3)
  expect(servers.isReplaced(before)).toBe(false)
  servers.accept(after, 4)
  expect(servers.isReplaced(before)).toBe(true)
  expect(servers.isReplaced(after)).toBe(false)
  expect(() => servers.accept(client(), 3)).toThrow('replaced by its standby')
  expect(servers.known).toBe(true)
})

test('the same servers are known to every part of a process; a single one needs no knowledge', () => {
  const parts = { host: 'x,y', database: 'n', user: 'u' }
  expect(serversOf(parts)).toBe(serversOf({ ...parts }))
  expect(serversOf(parts)).not.toBe(serversOf({ ...parts, user: 'v' }))
  expect(serversOf(parts).addresses).toEqual([
    { host: 'x', port: 5432, database: 'n', user: 'u' },
    { host: 'y', port: 5432, database: 'n', user: 'u' },
  ])
  expect(serversOf({ ...parts, host: 'x' }).several).toBe(false)
  const url = 'postgresql://u@x,y/n'
  expect(serversOf({ connectionString: url })).toBe(serversOf({ connectionString: url }))
})
