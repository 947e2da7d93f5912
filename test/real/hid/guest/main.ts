/* The guest's one program: all cases, then the end. Words: poll interval in ms, idle seconds. */
import { hardEnds, twoReaders } from './hard-ends.ts'
import { idle } from './idle.ts'
import { oneReader } from './one-reader.ts'
import { stockReaderProcesses } from './reader-process.ts'
import { finish } from './suite.ts'
import { createVirtualReader } from './virtual-reader.ts'

const [pollMs = 150, seconds = 20] = process.argv.slice(2).map(Number)
const readers = [0, 1, 2, 3].map(() => createVirtualReader())
const [first, second] = readers
const nobody = 65_534
const take = stockReaderProcesses([{}, {}, {}, { uid: nobody }, {}, {}])

if (first && second) {
  await oneReader(first, await take())
  await twoReaders([first, second], await take())
  await hardEnds(first, take)
  await idle({ process: await take(), readers: [first], pollMs, seconds })
  await idle({ process: await take(), readers, pollMs, seconds })
  finish()
}
// A thread that reads from /dev/uhid never ends by itself.
process.kill(process.pid, 'SIGKILL')
