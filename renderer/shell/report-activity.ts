const inputs = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const

/**
 * Calls `report` when somebody uses keyboard, pointer or touch in `target`, at most once in
 * `interval` milliseconds. Returns the end of it.
 */
export function reportActivity({
  target,
  report,
  clock,
  interval = 1000,
}: {
  readonly target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  readonly report: () => void
  readonly clock: () => number
  readonly interval?: number
}): () => void {
  let last = Number.NEGATIVE_INFINITY
  const onInput = () => {
    const now = clock()
    // A clock set back must not silence the reports until it has caught up.
    if (now >= last && now - last < interval) return
    last = now
    report()
  }
  for (const type of inputs)
    target.addEventListener(type, onInput, { capture: true, passive: true })
  return () => {
    for (const type of inputs) target.removeEventListener(type, onInput, { capture: true })
  }
}
