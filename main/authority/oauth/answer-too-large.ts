import type { ServerResponse } from 'node:http'

/** In the words of OAuth (RFC 6749, 5.2); what the request may still send is not read any more. */
export function answerTooLarge(response: ServerResponse): void {
  response
    .writeHead(413, {
      connection: 'close',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    })
    .end(
      JSON.stringify({
        error: 'invalid_request',
        error_description: 'The body is larger than 56 KiB: send less.',
      }),
    )
}
