import type { IncomingMessage, ServerResponse } from 'node:http'

/** What keeps a node from taking requests; null: nothing. */
export type NotReady = 'starting' | 'stopping' | 'database' | 'log'

export interface HealthOptions {
  readonly notReady: () => NotReady | null
}

/**
 * `/healthz`: the process answers. `/readyz`: it can sign people in, or 503 with the reason. For
 * load balancers, which come by address, so whatever the `Host`.
 */
export function createHealth({ notReady }: HealthOptions) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== 'GET') return false
    switch (request.url) {
      case '/healthz':
        answer(response, 200, { status: 'ok' })
        return true
      case '/readyz': {
        const reason = notReady()
        if (reason === null) answer(response, 200, { status: 'ready' })
        else answer(response, 503, { status: 'not-ready', reason })
        return true
      }
      default:
        return false
    }
  }
}

const answer = (response: ServerResponse, status: number, body: object): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
