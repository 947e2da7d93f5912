import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { check, expectKept, pause, startWriter } from '../support/crash.ts'

const rounds = 20

test(
  `a kill at any moment loses nothing that was acknowledged, ${rounds} times`,
  { timeout: 240_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lanyard-crash-'))
    const database = join(directory, 'lanyard.db')
    let total = 0
    try {
      for (let round = 0; round < rounds; round++) {
        const writer = startWriter({ database })
        // Every fourth kill falls anywhere in the start, recovery included.
        if (round % 4 !== 3) await writer.ready
        await pause(20 + Math.random() * 500)
        await writer.kill()
        total += writer.acknowledged.length
        expectKept(await check(database), writer.acknowledged)
      }
    } finally {
      await rm(directory, { recursive: true })
    }
    expect(total).toBeGreaterThan(rounds * 10)
  },
)
