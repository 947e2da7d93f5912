import { expect, test } from 'vitest'
import { describeError } from './describe-error.ts'

test('an error in the log has a name, a code and a place without folders, and no message', () => {
  const error = Object.assign(new TypeError('Maria Example has badge 4711'), { code: 'EWARD' })
  error.stack = `TypeError: Maria\n    at run (/home/ward/lanyard/out/authority.js:3:14)\n    at x`
  expect(describeError(error)).toEqual({
    name: 'TypeError',
    code: 'EWARD',
    where: 'run (authority.js:3:14)',
  })
  error.stack = `TypeError: Maria\n    at file:///C:/ward/authority.js:3:14`
  expect(describeError(error)).toMatchObject({ where: 'authority.js:3:14' })
  expect(describeError('Maria Example')).toEqual({ name: 'string' })
})
