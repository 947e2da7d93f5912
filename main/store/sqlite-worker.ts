import { parentPort, workerData } from 'node:worker_threads'
import { SqliteConnection } from './sqlite-connection.ts'
import type { WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.ts'

// A disk that takes its time must stop nobody but its own callers: SQLite is synchronous.
const port = parentPort
if (!port) throw new Error('sqlite-worker.ts runs as a worker thread only.')

const reply = (messages: readonly WorkerReply[]) => port.postMessage(messages)
const failure = (error: unknown): WorkerReply => ({
  ok: false,
  errcode: (error as { errcode?: number }).errcode ?? null,
  message: error instanceof Error ? error.message : String(error),
})

let connection: SqliteConnection | null = null
try {
  connection = new SqliteConnection(workerData as WorkerSettings)
  reply([{ ok: true, rows: [] }])
} catch (error) {
  reply([failure(error)])
}

function answer(request: WorkerRequest): WorkerReply | null {
  try {
    return connection?.handle(request) ?? null
  } catch (error) {
    return failure(error)
  }
}

port.on('message', (requests: readonly WorkerRequest[]) => {
  const answers = requests.map(answer).filter((one) => one !== null)
  if (answers.length > 0) reply(answers)
  if (requests.some(({ op }) => op === 'close')) port.close()
})
