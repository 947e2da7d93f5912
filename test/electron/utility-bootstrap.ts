import { EventEmitter } from 'node:events'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/*
 * Runs first in the child of `utilityProcess.fork`: gives it `process.parentPort`, takes away what
 * Node's fork gave, and refuses `electron`.
 */

type Send = (message: unknown, callback: (error: Error | null) => void) => boolean

class ParentPort extends EventEmitter {
  readonly #send: Send
  constructor(send: Send) {
    super()
    this.#send = send
  }
  postMessage(message: unknown): void {
    this.#send(message, (error) => {
      // The parent is gone: so is the reason to live.
      if (error !== null) process.exit(0)
    })
  }
}

/** A worker thread of the child inherits `--import`, but neither parent nor port. */
function becomeUtilityProcess(): void {
  const channel = process.send?.bind(process)
  if (channel === undefined) throw new Error('This module is for children of the stand-in only.')
  const parentPort = new ParentPort(channel as Send)
  const queue: unknown[] = []
  const deliver = (data: unknown) => parentPort.emit('message', { data, ports: [] })
  parentPort.on('newListener', (event) => {
    if (event !== 'message' || queue.length === 0) return
    setImmediate(() => {
      for (const data of queue.splice(0)) deliver(data)
    })
  })
  process.on('message', (data) => {
    if (parentPort.listenerCount('message') === 0) queue.push(data)
    else deliver(data)
  })
  process.once('disconnect', () => process.exit(0))

  Object.defineProperty(process, 'parentPort', { value: parentPort, enumerable: true })
  Object.defineProperty(process, 'type', { value: 'utility', enumerable: true })
  Object.defineProperty(process, 'send', { value: undefined })
}

if (isMainThread) becomeUtilityProcess()

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === 'electron' || specifier.startsWith('electron/'))
      throw new Error('The stand-in for Electron has no module `electron` in utility processes.')
    return next(specifier, context)
  },
})
