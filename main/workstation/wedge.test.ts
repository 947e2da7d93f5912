import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { PhaseName } from './seat/types.ts'
import { watchWedge } from './wedge.ts'

const setting = { prefix: ['F13'], suffix: ['Enter'], length: 4, digits: 'decimal' } as const

const listening = (phase: PhaseName) => {
  const contents = new EventEmitter()
  const window = new EventEmitter()
  const reads: { readonly text: string; readonly at: number }[] = []
  const all = { phase, at: 0, contents, window, reads }
  const end = watchWedge({
    setting: { ...setting, prefix: [...setting.prefix], suffix: [...setting.suffix] },
    contents: contents as never,
    window: window as never,
    phase: () => all.phase,
    onRead: (read) => reads.push(read),
    now: () => all.at,
  })
  /** What the page did not get of it. */
  const type = (...codes: readonly string[]): readonly string[] =>
    codes.filter((code) => {
      all.at += 10
      let kept = false
      const preventDefault = () => {
        kept = true
      }
      const held = { shift: false, control: false, alt: false, meta: false }
      const input = { type: 'keyDown', code, isAutoRepeat: false, ...held }
      contents.emit('before-input-event', { preventDefault }, input)
      return kept
    })
  return Object.assign(all, { end, type })
}
const badge = ['F13', 'Digit0', 'Digit0', 'Digit4', 'Digit2', 'Enter']

test.each(['locked', 'shielded'] as const)('a badge typed at %s is read, and kept', (phase) => {
  const seat = listening(phase)
  expect(seat.type(...badge)).toEqual(badge)
  expect(seat.reads).toEqual([{ text: '0042', at: 60 }])
  expect(seat.type('Tab', 'Enter')).toEqual([])
})

test.each([
  'starting',
  'fault',
  'identifying',
  'resuming',
  'verifying',
  'opening',
  'active',
  'warning',
  'signing-out',
  'fallback',
  'enrolling',
] as const)('at %s every key is the page’s', (phase) => {
  const seat = listening(phase)
  expect(seat.type(...badge)).toEqual([])
  expect(seat.reads).toEqual([])
})

test('a badge that began on another screen, or before the window lost the focus, is none', () => {
  const seat = listening('locked')
  seat.type(...badge.slice(0, 3))
  seat.phase = 'shielded'
  expect(seat.type(...badge.slice(3))).toEqual([])
  seat.type(...badge.slice(0, 3))
  seat.window.emit('blur')
  expect(seat.type(...badge.slice(3))).toEqual([])
  expect(seat.reads).toEqual([])
})

test('what is no key is left alone, and in the end so is everything', () => {
  const seat = listening('locked')
  const input = { type: 'char', code: 'F13', isAutoRepeat: false }
  seat.contents.emit('before-input-event', {}, input)
  expect(seat.type('Digit0')).toEqual([])
  seat.end()
  expect(seat.type(...badge)).toEqual([])
  expect(seat.contents.listenerCount('before-input-event')).toBe(0)
  expect(seat.window.listenerCount('blur')).toBe(0)
})
