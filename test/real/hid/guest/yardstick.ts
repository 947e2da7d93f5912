/** Ms for a fixed piece of work in JavaScript: how much slower a guest is than its host. */
export function yardstick(): number {
  let best = Infinity
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now()
    let state = 1
    for (let step = 0; step < 5_000_000; step += 1) state = (Math.imul(state, 48_271) + step) | 0
    if (state !== 0) best = Math.min(best, performance.now() - startedAt)
  }
  return best
}
