import { useSyncExternalStore } from 'react'

/** Below this width (CSS pixels) the workspace bar moves applications and emergency into its menu. */
const narrow = '(max-width: 860px)'

/** True where the bar has no room, as at 200 % zoom. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(narrow)
      query.addEventListener('change', changed)
      return () => query.removeEventListener('change', changed)
    },
    () => matchMedia(narrow).matches,
  )
}
