import { createCodec } from '../codec.ts'
import { isolatedWorld } from './isolated-world.ts'
import { createLink } from './link.ts'
import { mainWorld } from './main-world.ts'

/** Name of the isolated world; the main world knows nothing in it. */
export const worldName = 'Electron Isolated Context'
export const bindingName = '__standInPost'
export const receiverName = '__standInReceive'

/** Source texts for `Page.addScriptToEvaluateOnNewDocument`. `preload` is the bundle's source. */
export const pageScripts = (options: {
  readonly secret: string
  readonly preload: string | null
}): { readonly main: string; readonly isolated: string } => {
  const secret = JSON.stringify(options.secret)
  const shared = `codec: (${createCodec.toString()})(), createLink: ${createLink.toString()}, secret: ${secret}`
  const preload =
    options.preload === null
      ? 'null'
      : `function (exports, require, module, process) {\n${options.preload}\n}`
  return {
    main: `(${mainWorld.toString()})({ ${shared} })`,
    isolated:
      `(${isolatedWorld.toString()})({ ${shared}, binding: '${bindingName}', ` +
      `receiver: '${receiverName}', preload: ${preload} })`,
  }
}
