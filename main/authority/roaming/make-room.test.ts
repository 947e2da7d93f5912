import { expect, test } from 'vitest'
import { defaultPolicy } from '../../../test/support/authority.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'
import { makeRoom } from './make-room.ts'

const work = { now: 1_000 } as Unit
const place = { id: 'ws-1', name: 'Bay 4' }
const left = {
  session_id: 's-1',
  person_id: 'maria',
  kind: 'standard',
  started_at: 0,
  last_activity_at: 0,
  ends_at: 3_600_000,
  ended_at: null,
} as SessionRow

test.each(['ws-1', 'ws-2'])(
  'who makes room for a session that somebody else just ended at %s is told to try again',
  async (workstation) => {
    const services = { policy: defaultPolicy, endSession: () => Promise.resolve(false) }
    const room = {
      left: { ...left, workstation_id: workstation },
      disabled: false,
      noticed: false,
    }
    const arrival = { personId: 'maria', place, kind: 'standard' } as const
    await expect(makeRoom(services, work, arrival, room)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Try again'),
    })
  },
)
