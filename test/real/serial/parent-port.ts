/*
 * Gives the built reader process what Electron gives a utility process, over the channel of
 * child_process.fork, and runs it. The first argument is its path.
 */
Object.assign(process, {
  parentPort: {
    postMessage: (message: unknown) => process.send?.(message),
    on: (_event: 'message', listener: (event: { readonly data: unknown }) => void) =>
      process.on('message', (data) => listener({ data })),
  },
})
const [product = ''] = process.argv.splice(2, 1)
await import(product)
