import { useEffect } from 'react'

/**
 * Keys that work on every screen. Esc presses the visible way back (`data-key="escape"`) and never
 * unlocks; Enter presses the primary action (`data-key="enter"`) unless a control has the focus;
 * Ctrl+L or Cmd+L locks.
 */
export function useShortcuts(lock: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open menu or a field has used the key.
      if (event.defaultPrevented || event.repeat) return
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'l') {
        event.preventDefault()
        lock()
        return
      }
      if (document.querySelector('[role="menu"]') !== null) return
      if (event.key === 'Escape') press('escape')
      if (event.key === 'Enter' && !isControl(document.activeElement)) press('enter')
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [lock])
}

function press(key: 'escape' | 'enter'): void {
  document.querySelector<HTMLElement>(`[data-key="${key}"]`)?.click()
}

/** A heading may have the focus so that it is read out; that is no control. */
function isControl(element: Element | null): boolean {
  return element?.closest('button, a, input, textarea, select, [role="radio"]') != null
}
