import { useShell } from '../environment.tsx'
import { ProgressSteps } from '../progress-steps.tsx'

/** Badge, passkey, workspace: where a sign-in is. Without a badge it starts at the passkey. */
export function SignInSteps({
  badge,
  at,
}: {
  readonly badge: boolean
  readonly at: 'passkey' | 'workspace'
}) {
  const { t } = useShell()
  const first = badge ? [t('verify.step.badge')] : []
  return (
    <ProgressSteps
      labels={[...first, t('verify.step.passkey'), t('verify.step.workspace')]}
      at={first.length + (at === 'passkey' ? 0 : 1)}
    />
  )
}
