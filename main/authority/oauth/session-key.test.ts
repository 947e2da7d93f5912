import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newSecret } from './secrets.ts'
import { sessionKey, sessionOfKey } from './session-key.ts'

test('a key gives back its session, whatever the session is called', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 64 }), (sessionId) => {
      expect(sessionOfKey(sessionKey(sessionId, newSecret()))).toBe(sessionId)
    }),
  )
})

test.each([[undefined], [''], ['no-dot'], ['.only-unique']])(
  '%o is the key of no session',
  (key) => {
    expect(sessionOfKey(key)).toBeNull()
  },
)
