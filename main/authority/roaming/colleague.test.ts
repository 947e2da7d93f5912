import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SessionView } from '../protocol/index.ts'
import { minutes, f, maria, open, noticesOf } from '../../../test/support/roaming-ward.ts'

beforeEach(() => open())
afterEach(() => f.dispose())

describe('a colleague', () => {
  let session: SessionView
  const shield = (by: string | null) =>
    f.call('session.shield', { sessionId: session.sessionId, reason: 'colleague', by })
  beforeEach(async () => {
    session = await f.signIn('maria', maria)
  })

  test('secures an open seat by a tap, on their own account, and its owner is told', async () => {
    const { tapId } = await f.tap('tom')
    // They looked at the screen for a while, and left.
    f.advance(3 * minutes)
    await shield(tapId)
    expect(f.eventsOf('session.secured')).toMatchObject([
      { actor: 'tom', session: session.sessionId, detail: { by: 'colleague' } },
    ])
    expect(await noticesOf(f.here)).toContain('seat-secured')
    const { assurance } = session
    expect(await f.call('session.activity', { sessionId: session.sessionId })).toBeDefined()
    expect(assurance.verifiedAt).toBeLessThanOrEqual(f.now())
  })

  test('is told of once, however often they tap', async () => {
    for (let n = 0; n < 5; n += 1) await shield((await f.tap('tom')).tapId)
    expect((await noticesOf(f.here)).filter((kind) => kind === 'seat-secured')).toHaveLength(1)
  })

  test('is not invented by a tap that nobody made, nor by one of the owner', async () => {
    await shield('invented')
    await shield((await f.tap('maria')).tapId)
    await shield(null)
    expect(f.eventsOf('session.secured')).toEqual([])
    expect(f.eventsOf('session.shielded')).toHaveLength(3)
    expect(await noticesOf(f.here)).not.toContain('seat-secured')
  })
})
