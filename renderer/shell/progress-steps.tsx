import { Steps } from '../ui/steps.tsx'
import { useShell } from './environment.tsx'

/** Where one is in a short sequence; `at` counts from 0. */
export function ProgressSteps({
  labels,
  at,
}: {
  readonly labels: readonly string[]
  readonly at: number
}) {
  const { t } = useShell()
  return (
    <Steps
      label={t('verify.steps')}
      done={t('verify.stepDone')}
      current={t('verify.stepCurrent')}
      steps={labels.map((label, index) => ({
        label,
        state: index < at ? 'done' : index === at ? 'current' : 'next',
      }))}
    />
  )
}
