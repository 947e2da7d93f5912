import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('node-process.ts', import.meta.url))

/** A node that is a process of its own. */
export interface KillableNode {
  readonly port: number
  /** As which its connections are known to PostgreSQL. */
  readonly name: string
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
}

/** Resolves when it serves; rejects when it ends before, with what it said. */
export async function startKillableNode(place: {
  readonly connectionString: string
  readonly schema: string
}): Promise<KillableNode> {
  const { connectionString, schema } = place
  const child = spawn(process.execPath, [entry, connectionString, schema], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const port = await portOf(child)
  return {
    port,
    name: `node-${child.pid}`,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function portOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<number> {
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2_000)))
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`The node ended before it served: ${said}`)))
    createInterface(child.stdout).on('line', (line) => {
      const { event, port } = JSON.parse(line) as { event: string; port: number }
      if (event === 'ready') resolve(port)
    })
  })
}
