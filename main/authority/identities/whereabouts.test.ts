import { expect, test } from 'vitest'
import { openMemoryDatabase } from '../../store/memory-database.ts'
import { whereaboutsOf } from './whereabouts.ts'

test('a badge that was given away meanwhile does not lead to the session of who has it now', async () => {
  const db = await openMemoryDatabase()
  for (const [id, session] of [
    ['ada', null],
    ['bo', 'bos-session'],
  ] as const) {
    db.execute(
      `insert into people (person_id, given, family, role, user_handle, applications)
       values ('${id}', 'Ada', 'Example', 'nurse', 'handle-${id}', '[]')`,
    )
    if (session !== null)
      db.execute(
        `insert into sessions (session_id, person_id, workstation_id, workstation_name, kind, scope,
           aal, amr, verified_at, started_at, ends_at, last_activity_at, applications)
         values ('${session}', '${id}', 'ws-1', 'Ward 1', 'standard', 'full', 2, '[]', 1, 1, 9, 1, '[]')`,
      )
  }
  db.execute(
    `insert into badges (tag, key_version, badge_id, card_id, person_id, status, kind, name, technology, stock, assigned_at, last_seen_at)
     values ('tag', 1, 'badge', 'card', 'bo', 'active', 'personal', '', 'unknown', 0, 1, 5)`,
  )
  const seenBy = (personId: string) => db.write((tx) => whereaboutsOf(tx, { tag: 'tag', personId }))
  expect(await seenBy('ada')).toMatchObject({ open: null, last: { last_seen_at: 5 } })
  expect(await seenBy('bo')).toMatchObject({ open: { session_id: 'bos-session' } })
  expect(await db.write((tx) => whereaboutsOf(tx, { tag: 'none', personId: 'bo' }))).toEqual({
    open: null,
    last: null,
  })
  await db.close()
})
