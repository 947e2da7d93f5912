import type { Check } from '../doctor-report.ts'

const needed = 24

/** The Node that runs this; `versions` is that of `process`. */
export const checkRuntime =
  (versions: Pick<NodeJS.ProcessVersions, 'node'> = process.versions): Check =>
  async () => {
    const major = Number(versions.node.split('.')[0])
    const ok = major >= needed
    return {
      check: 'runtime',
      state: ok ? 'ok' : 'attention',
      summary: `Node ${versions.node}`,
      next: ok
        ? null
        : `Lanyard needs Node ${needed}: start it with "npm run lanyard -- doctor", or install it.`,
      facts: { node: versions.node },
    }
  }
