/* Entry of the reader utility process. */
import { createNodeHidPort } from './node-hid-port.ts'
import { runReaderProcess } from './run-reader-process.ts'

runReaderProcess({ hid: createNodeHidPort(), parentPort: process.parentPort })
