import type { Screen } from '../../../preload/shown/screen.ts'
import { Headline } from '../../ui/headline.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'

export function SigningOutScreen({
  screen,
}: {
  readonly screen: Screen & { name: 'signing-out' }
}) {
  const { t } = useShell()
  return (
    <Stage art="quiet">
      <PersonMark person={screen.person} size="large" />
      <Headline>{t('signing-out.title', { name: screen.person.label })}</Headline>
      <Progress>{t('signing-out.body')}</Progress>
    </Stage>
  )
}
