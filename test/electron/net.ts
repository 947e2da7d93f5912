import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Net } from 'electron'
import { requireReady, type Runtime } from './runtime.ts'
import { guarded } from './unsupported.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
  '.woff2': 'font/woff2',
}

/** The module `net`: Node's `fetch`, and files, which Electron's `net.fetch` also reads. */
export const createNet = (runtime: Runtime): Pick<Net, 'fetch'> =>
  guarded('net', {
    fetch: async (input: string | Request, init?: RequestInit) => {
      requireReady(runtime, 'net module can only be used after app is ready')
      const url = typeof input === 'string' ? input : input.url
      if (!url.startsWith('file:')) return await fetch(input, init)
      const path = fileURLToPath(url)
      const body = await readFile(path).catch(() => {
        throw new Error('net::ERR_FILE_NOT_FOUND')
      })
      const type = types[extname(path).toLowerCase()] ?? 'application/octet-stream'
      return new Response(new Uint8Array(body), { headers: { 'content-type': type } })
    },
  })
