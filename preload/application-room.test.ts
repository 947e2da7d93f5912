import { assert, boolean, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { applicationRoom, chrome } from './application-room.ts'

const size = { width: 1366, height: 768 }

test('an ordinary session leaves everything below the bar', () => {
  expect(applicationRoom({ ...size, emergency: false, banner: false })).toEqual({
    x: 0,
    y: chrome.bar,
    width: 1366,
    height: 768 - chrome.bar,
  })
})

test('an emergency has its row and its frame, with a banner or without', () => {
  const room = { x: 8, y: 180, width: 1350, height: 580 }
  expect(applicationRoom({ ...size, emergency: true, banner: false })).toEqual(room)
  expect(applicationRoom({ ...size, emergency: true, banner: true })).toEqual(room)
})

test('the room lies within the window, however small that is', () => {
  assert(
    property(nat(4000), nat(4000), boolean(), boolean(), (width, height, emergency, banner) => {
      const room = applicationRoom({ width, height, emergency, banner })
      expect(room.width).toBeGreaterThanOrEqual(0)
      expect(room.height).toBeGreaterThanOrEqual(0)
      expect(room.width).toBeLessThanOrEqual(width)
      expect(room.height === 0 || room.y + room.height <= height).toBe(true)
    }),
  )
})
