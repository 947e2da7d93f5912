let passed = 0
const failures: string[] = []

/** Runs one case and prints how it went; a failed one does not end the suite. */
export async function test(name: string, work: () => Promise<string>): Promise<void> {
  const startedAt = performance.now()
  const print = (outcome: string, detail: string) =>
    console.log(`${outcome} ${name} (${Math.round(performance.now() - startedAt)} ms): ${detail}`)
  try {
    print('PASS', await work())
    passed += 1
  } catch (error) {
    print('FAIL', error instanceof Error ? error.message : String(error))
    failures.push(name)
  }
}

export const figure = (name: string, value: string) => console.log(`FIGURE ${name}: ${value}`)

/** Prints the summary of `suite`; the exit code. */
export function finish(suite: string): number {
  console.log(`${suite}: ${passed} passed, ${failures.length} failed`)
  for (const name of failures) console.log(`  failed: ${name}`)
  return failures.length === 0 ? 0 : 1
}
