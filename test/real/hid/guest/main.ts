/* The guest's one program: all cases, then the end. Words: poll interval in ms, idle seconds. */
import { hardEnds, twoReaders } from './hard-ends.ts'
import { idle } from './idle.ts'
import { oneReader } from './one-reader.ts'
import { yardstick } from './yardstick.ts'
import { finish, tell } from './suite.ts'
import { createVirtualReader } from './virtual-reader.ts'

const [pollMs = 150, seconds = 20] = process.argv.slice(2).map(Number)
const readers = [0, 1, 2, 3].map(() => createVirtualReader())
const [first, second] = readers

if (first && second) {
  await oneReader(first)
  await twoReaders(first, second)
  await hardEnds(first)
  tell({ type: 'figure', name: 'yardstick', value: yardstick().toFixed(1) })
  await idle({ readers: [first], pollMs, seconds })
  await idle({ readers, pollMs, seconds })
  finish()
}
// A thread that reads from /dev/uhid never ends by itself.
process.kill(process.pid, 'SIGKILL')
