import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Overload } from '../server/overload.ts'
import { busyPage, pageHeaders } from './pages.ts'

/** To a browser a page, to an application what OAuth has for it (RFC 6749, 4.1.2.1). */
export function answerBusy(
  { url = '/' }: Pick<IncomingMessage, 'url'>,
  response: ServerResponse,
  { message }: Overload,
): void {
  if (response.headersSent) return void response.destroy()
  // What the request may still send is not read any more.
  const headers = { 'retry-after': '1', connection: 'close' }
  if (url.startsWith('/launch/') || url.startsWith('/oidc/auth'))
    return void response.writeHead(503, { ...pageHeaders, ...headers }).end(busyPage)
  response
    .writeHead(503, { ...headers, 'cache-control': 'no-store', 'content-type': 'application/json' })
    .end(JSON.stringify({ error: 'temporarily_unavailable', error_description: message }))
}
