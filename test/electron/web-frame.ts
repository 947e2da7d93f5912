import type { WebFrameMain } from 'electron'
import { guarded } from './unsupported.ts'
import type { Frame, Tab } from './tab.ts'

type Provided = Pick<
  WebFrameMain,
  'url' | 'origin' | 'name' | 'parent' | 'top' | 'detached' | 'frameToken' | 'isDestroyed'
>

/**
 * A frame as it is now. Later navigations show in `url` as they do in Electron, where the object
 * follows its frame; a frame that is gone is detached.
 */
export const webFrameOf = (
  tab: Pick<Tab, 'frame' | 'mainFrameId'>,
  { id }: Pick<Frame, 'id'>,
): WebFrameMain => {
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
      return parentId === null ? null : webFrameOf(tab, { id: parentId })
    },
    get top() {
      return webFrameOf(tab, { id: tab.mainFrameId })
    },
    get detached() {
      return tab.frame(id) === undefined
    },
    frameToken: id,
    isDestroyed: () => tab.frame(id) === undefined,
  } satisfies Provided
  return guarded('WebFrameMain', members) as unknown as WebFrameMain
}
