import { expect, test } from 'vitest'
import { layOut } from './layout.ts'
import type { Arrangement } from './layout.ts'

const application = (id: string) => ({ id, name: id, kind: 'ehr', state: 'ready' }) as const
const two: Arrangement = {
  applications: [application('ehr'), application('imaging')],
  focused: 'imaging',
  banner: false,
  emergency: false,
}
const wide = { width: 1366, height: 768 }

test('two applications stand side by side from 1280 px, below the bar', () => {
  expect(Object.fromEntries(layOut(wide, two))).toEqual({
    ehr: { x: 0, y: 88, width: 820, height: 680 },
    imaging: { x: 820, y: 88, width: 546, height: 680 },
  })
})

test('below that, only the one in focus is shown', () => {
  expect(Object.fromEntries(layOut({ width: 1024, height: 768 }, two))).toEqual({
    imaging: { x: 0, y: 88, width: 1024, height: 680 },
  })
})

test('a banner takes its row, an emergency its row and its frame', () => {
  expect(layOut(wide, { ...two, banner: true }).get('ehr')).toMatchObject({ y: 172, height: 596 })
  const ehr = layOut(wide, { ...two, emergency: true }).get('ehr')
  expect(ehr).toMatchObject({ x: 8, y: 180, height: 580 })
})

test('a window too small for anything gives no negative sizes', () => {
  const tiny = layOut({ width: 4, height: 20 }, { ...two, emergency: true })
  expect([...tiny.values()]).toEqual([{ x: 8, y: 180, width: 0, height: 0 }])
})
