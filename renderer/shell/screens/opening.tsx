import type { Screen } from '../../../preload/shown/screen.ts'
import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { useSlow } from '../use-slow.ts'
import { SignInSteps } from './sign-in-steps.tsx'

export function OpeningScreen({ screen }: { readonly screen: Screen & { name: 'opening' } }) {
  const { t } = useShell()
  const slow = useSlow()
  const { person } = screen
  return (
    <Stage art="welcome">
      <PersonMark person={person} size="large" />
      <Headline>{t('opening.title', { name: person.displayName })}</Headline>
      <SignInSteps badge at="workspace" />
      <Progress>{t('opening.body')}</Progress>
      {slow && <Message tone="info">{t('opening.slow')}</Message>}
    </Stage>
  )
}
