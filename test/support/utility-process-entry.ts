import { type ParentPort, runUtilityProcess } from '../../main/authority/utility-process.ts'

/** The authority's process with the channel of `child_process.fork` in place of Electron's port. */
const port: ParentPort = {
  on: (_event, listener) => void process.on('message', (data) => listener({ data })),
  postMessage: (message) => void process.send?.(message),
}
runUtilityProcess({ port })

const [flag, message] = process.argv.slice(2)
if (flag === '--crash') setImmediate(() => void Promise.reject(new Error(message)))
