/** The same thing is recorded once in this time, ms: a machine that is refused asks again and again. */
const every = 3_600_000
const remembered = 10_000

/** Whether something was last said long enough ago to be said again. */
export function createQuiet({ now }: { readonly now: () => number }): (what: string) => boolean {
  const said = new Map<string, number>()
  return (what) => {
    const at = now()
    const last = said.get(what)
    if (last !== undefined && last + every > at) return false
    if (said.size >= remembered) said.clear()
    said.set(what, at)
    return true
  }
}
