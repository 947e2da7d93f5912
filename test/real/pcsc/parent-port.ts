/*
 * Gives the built reader process what Electron gives a utility process, over the channel of
 * child_process.fork, and runs it.
 */
Object.assign(process, {
  parentPort: {
    postMessage: (message: unknown) => process.send?.(message),
    on: (_event: 'message', listener: (event: { readonly data: unknown }) => void) =>
      process.on('message', (data) => listener({ data })),
  },
})
const [, , product = ''] = process.argv
await import(product)
