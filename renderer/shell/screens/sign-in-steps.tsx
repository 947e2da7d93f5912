import { Steps } from '../../ui/steps.tsx'
import { useShell } from '../environment.tsx'

/** Badge, passkey, workspace: where a sign-in is. Without a badge it starts at the passkey. */
export function SignInSteps({
  badge,
  at,
}: {
  readonly badge: boolean
  readonly at: 'passkey' | 'workspace'
}) {
  const { t } = useShell()
  return (
    <Steps
      label={t('verify.steps')}
      done={t('verify.stepDone')}
      current={t('verify.stepCurrent')}
      steps={[
        ...(badge ? [{ label: t('verify.step.badge'), state: 'done' } as const] : []),
        { label: t('verify.step.passkey'), state: at === 'passkey' ? 'current' : 'done' },
        { label: t('verify.step.workspace'), state: at === 'workspace' ? 'current' : 'next' },
      ]}
    />
  )
}
