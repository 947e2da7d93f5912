import type { FallbackStage } from '../../../preload/shown/screen.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Headline } from '../../ui/headline.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { FallbackForm } from './fallback-form.tsx'
import { WitnessScreen } from './witness.tsx'

/** Identity fallback: badge, reason, witness. */
export function FallbackScreen({ stage }: { readonly stage: FallbackStage }) {
  switch (stage.step) {
    case 'tap':
      return <FallbackTap />
    case 'form':
      return <FallbackForm stage={stage} />
    case 'witness':
      return <WitnessScreen stage={stage} />
  }
}

function FallbackTap() {
  const { t, act } = useShell()
  return (
    <Stage art="tap">
      <p className="eyebrow eyebrow-danger">{t('fallback.title')}</p>
      <Headline>{t('fallback.tap.title')}</Headline>
      <p className="lead">{t('fallback.tap.body')}</p>
      <Actions>
        <Action keyboard="escape" onPress={() => act('signIn.cancel', {})}>
          {t('action.cancel')}
        </Action>
      </Actions>
    </Stage>
  )
}
