import type { IncomingMessage } from 'node:http'

/** What the provider takes of a body by itself, too. */
const maxBody = 56 * 1024

/** The whole body of a request; null when it is too large. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  // The answer still goes over the connection of a body that is read no further.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > maxBody) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
