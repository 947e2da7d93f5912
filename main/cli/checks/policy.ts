import { describeReport, readPolicy } from '../../policy/read-policy.ts'
import { filePolicySource } from '../../policy/policy-source.ts'
import type { Check } from '../doctor-report.ts'

/** Whether the policy file says what its author meant. No file is no fault: defaults hold. */
export const checkPolicy =
  ({ path }: { readonly path: string }): Check =>
  async () => {
    const source = filePolicySource(path)
    if (source.read().state === 'absent')
      return {
        check: 'policy',
        state: 'information',
        summary: `No policy file at ${path}; the defaults hold`,
        next: null,
        facts: { found: false, path },
      }
    const report = readPolicy([source]).report.map(describeReport)
    return {
      check: 'policy',
      state: report.length === 0 ? 'ok' : 'attention',
      summary:
        report.length === 0
          ? `The policy of ${path} holds`
          : `The policy of ${path} is not as it was meant: ${report.join(' ')}`,
      next: report.length === 0 ? null : 'Correct the file; docs/policy.md lists every setting.',
      facts: { found: true, path, problems: report },
    }
  }
