import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { SecureContext } from 'node:tls'

/** Answers are small; more than this is not the authority. */
const longest = 256 * 1024
const patience = 10_000

/** `fetch` for POST, as much of it as an agent needs, with certificates of one's own choice. */
export type MachinePost = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
) => Promise<Response>

/**
 * The global `fetch` takes no certificates. No redirect is followed, and a certificate that is not
 * believed ends the attempt: there is no option that says otherwise.
 */
export function createMachinePost({
  secureContext,
  timeout = patience,
}: {
  readonly secureContext?: SecureContext
  readonly timeout?: number
}): MachinePost {
  return (url, { headers, body }) =>
    new Promise((resolve, reject) => {
      const address = new URL(url)
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        signal: AbortSignal.timeout(timeout),
      }
      const sent =
        address.protocol === 'https:'
          ? httpsRequest(address, { ...options, ...(secureContext ? { secureContext } : {}) })
          : httpRequest(address, options)
      sent.on('error', reject)
      sent.on('response', (answer) => {
        const parts: Buffer[] = []
        let size = 0
        answer.on('data', (part: Buffer) => {
          size += part.length
          if (size > longest) answer.destroy(new Error(`More than ${longest} bytes came back.`))
          parts.push(part)
        })
        answer.on('error', reject)
        answer.on('end', () => {
          const { statusCode: status = 0 } = answer
          // Response takes no status outside of 200 to 599.
          if (status < 200 || status > 599) return reject(new Error(`Status ${status} came back.`))
          const type = answer.headers['content-type'] ?? ''
          const none = status === 204 || status === 304
          resolve(
            new Response(none ? null : Buffer.concat(parts), {
              status,
              headers: { 'content-type': type },
            }),
          )
        })
      })
      sent.end(body)
    })
}
