import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBuilder } from 'vite'
import config from '../../../vite.config.ts'

const at = (path: string) => join(import.meta.dirname, '../../..', path)

async function build(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'lanyard-bench-built-'))
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }))
  const main = config.environments?.['main']
  const { rolldownOptions, ...others } = main?.build ?? {}
  const builder = await createBuilder({
    configFile: false,
    root: at('.'),
    logLevel: 'warn',
    environments: {
      main: {
        ...main,
        build: {
          ...others,
          outDir,
          rolldownOptions: {
            ...rolldownOptions,
            input: {
              serve: at('test/bench/server/serve.ts'),
              'sqlite-worker': at('main/store/sqlite-worker.ts'),
            },
          },
        },
      },
    },
  })
  const environment = builder.environments['main']
  if (!environment) throw new Error('vite.config.ts builds no main part.')
  await builder.build(environment)
  return join(outDir, 'serve.js')
}

let built: Promise<string> | null = null

/**
 * The server's file, bundled as the product is; made once. From its sources it would take three
 * times as long to start, which no hospital sees.
 */
export const builtServer = (): Promise<string> => (built ??= build())
