import type { WebFrameMain } from 'electron'
import { guarded } from './unsupported.ts'
import type { Tab } from './tab.ts'

type Provided = Pick<
  WebFrameMain,
  'url' | 'origin' | 'name' | 'parent' | 'top' | 'detached' | 'frameToken' | 'isDestroyed'
>

const known = new WeakMap<object, Map<string, WebFrameMain>>()

/** The one object of a frame: applications compare `senderFrame` with `mainFrame`. */
export const webFrameOf = (tab: Pick<Tab, 'frame' | 'mainFrameId'>, id: string): WebFrameMain => {
  const frames = known.get(tab) ?? new Map<string, WebFrameMain>()
  known.set(tab, frames)
  const frame = frames.get(id) ?? createWebFrame(tab, id)
  frames.set(id, frame)
  return frame
}

/**
 * A frame as it is now. Later navigations show in `url` as they do in Electron, where the object
 * follows its frame; a frame that is gone is detached.
 */
const createWebFrame = (tab: Pick<Tab, 'frame' | 'mainFrameId'>, id: string): WebFrameMain => {
  const frame = () => {
    const current = tab.frame(id)
    if (current === undefined)
      throw new Error('Render frame was disposed before WebFrameMain could be accessed')
    return current
  }
  const members = {
    get url() {
      return frame().url
    },
    get origin() {
      return frame().origin
    },
    get name() {
      return frame().name
    },
    get parent() {
      const { parentId } = frame()
      return parentId === null ? null : webFrameOf(tab, parentId)
    },
    get top() {
      return webFrameOf(tab, tab.mainFrameId)
    },
    get detached() {
      return tab.frame(id) === undefined
    },
    frameToken: id,
    isDestroyed: () => tab.frame(id) === undefined,
  } satisfies Provided
  return guarded('WebFrameMain', members) as unknown as WebFrameMain
}
