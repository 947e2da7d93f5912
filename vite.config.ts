import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What stays outside the bundles: Node itself, Electron, and the native modules. */
const external = [
  'electron',
  'node-hid',
  'pcsc-mini',
  'serialport',
  /^keytar(\/|$)/,
  /^node:/,
  ...builtinModules.map((name) => new RegExp(`^${name}(/|$)`)),
]

export default defineConfig({
  root: at('renderer'),
  base: './',
  plugins: [react()],
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments))
        await builder.build(environment)
    },
  },
  environments: {
    client: {
      build: {
        outDir: at('out/renderer'),
        emptyOutDir: true,
        target: 'chrome150',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 900,
        rolldownOptions: {
          input: { shell: at('renderer/index.html'), gallery: at('renderer/gallery.html') },
        },
      },
    },
    main: {
      consumer: 'server',
      resolve: {
        noExternal: true,
        // `import` or `require` comes with each reference: pg requires what also has an ESM face.
        conditions: ['node', 'default'],
        mainFields: ['module', 'main'],
      },
      build: {
        outDir: at('out/main'),
        emptyOutDir: true,
        target: 'node24',
        ssr: true,
        minify: false,
        rolldownOptions: {
          // Koa's `depd` names its wrappers with eval; it never sees input.
          checks: { eval: false },
          external,
          input: {
            index: at('main/index.ts'),
            agent: at('main/agent.ts'),
            reader: at('main/badge/reader-process.ts'),
            authority: at('main/authority/process.ts'),
            'polled-worker': at('main/badge/polled-worker.ts'),
            'sqlite-worker': at('main/store/sqlite-worker.ts'),
            lanyard: at('main/lanyard.ts'),
          },
          output: {
            format: 'es',
            entryFileNames: '[name].js',
            chunkFileNames: 'chunk-[name]-[hash].js',
          },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true, conditions: ['import', 'default'] },
      build: {
        outDir: at('out/preload'),
        emptyOutDir: true,
        target: 'node24',
        ssr: true,
        minify: true,
        rolldownOptions: {
          external: ['electron'],
          input: { shell: at('preload/shell.ts') },
          output: { format: 'cjs', entryFileNames: '[name].cjs' },
        },
      },
    },
  },
})
