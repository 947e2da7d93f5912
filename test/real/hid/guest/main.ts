/* The guest's one program: all cases, then the end. */
import { hardEnds, twoReaders } from './hard-ends.ts'
import { manyReaders } from './many-readers.ts'
import { oneReader } from './one-reader.ts'
import { stockReaderProcesses } from './reader-process.ts'
import { oneScanner } from './scanner.ts'
import { finish } from './suite.ts'
import { crashWhileOpening, takeOvers } from './takeovers.ts'
import { createVirtualReader } from './virtual-reader.ts'
import { createVirtualScanner } from './virtual-scanner.ts'

const first = createVirtualReader()
const second = createVirtualReader()
const readers = [first, second, createVirtualReader(), createVirtualReader()] as const
const scanner = createVirtualScanner()
const nobody = 65_534
const root = {}
const take = stockReaderProcesses([root, root, root, { uid: nobody }, root, root, root, root])

await oneReader(first, await take())
await twoReaders([first, second], await take())
await hardEnds(first, take)
await manyReaders(readers, await take())
const listener = await take()
await oneScanner(scanner, listener)
await takeOvers(first, scanner, listener)
await crashWhileOpening([first, second], take)
finish()
// A thread that reads from /dev/uhid never ends by itself.
process.kill(process.pid, 'SIGKILL')
