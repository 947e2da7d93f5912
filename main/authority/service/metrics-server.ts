import { createServer } from 'node:http'
import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { Metrics } from './metrics.ts'

export interface MetricsServer {
  close(): Promise<void>
}

/** In ms. */
const limits = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 }

/** `GET /metrics` on a listener of its own, for whoever may reach it. */
export async function serveMetrics({
  listen,
  metrics,
}: {
  readonly listen: { readonly host: string; readonly port: number }
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
}): Promise<MetricsServer> {
  const server = createServer(limits, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics')
      return void response.writeHead(404).end()
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      (error: unknown) => {
        log('error', 'metrics-failed', describeError(error))
        response.writeHead(500).end()
      },
    )
  })
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
