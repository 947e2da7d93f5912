import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * Serves `virtual-reader-client.ts` at a Unix socket, a named pipe or a port on the loopback: one
 * JSON line for each command, answered in order. `obey` returns why it refuses, or null.
 */
export function serveReaderControl(
  where: string,
  obey: (command: unknown) => string | null | Promise<string | null>,
): void {
  const answer = async (line: string) => {
    try {
      const error = await obey(JSON.parse(line))
      return error === null ? { ok: true } : { ok: false, error }
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) }
    }
  }
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    let before: Promise<unknown> = Promise.resolve()
    createInterface({ input: socket }).on('line', (line) => {
      const answered = answer(line)
      before = before.then(async () => socket.write(`${JSON.stringify(await answered)}\n`))
    })
  })
  if (/^\d+$/.test(where)) server.listen(Number(where), '127.0.0.1')
  else server.listen(where)
}
