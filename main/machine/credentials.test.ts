import { expect, test } from 'vitest'
import { createCredentials } from './credentials.ts'
import { newMachineKey } from './machine-key.ts'

test('an authority with too much to do is asked once and not again at once', async () => {
  let asked = 0
  const credentials = createCredentials({
    identity: { issuer: 'https://lanyard.example', clientId: 'ws-1' },
    post: async () => {
      asked += 1
      return Response.json({ error: 'temporarily_unavailable' }, { status: 503 })
    },
  })
  const key = await newMachineKey()
  await expect(credentials.headers(key, { method: 'GET', path: '/' })).rejects.toThrow('503')
  expect(asked).toBe(1)
})
