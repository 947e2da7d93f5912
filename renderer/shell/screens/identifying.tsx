import type { Screen } from '../../../preload/shown/screen.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { useSlow } from '../use-slow.ts'

export function IdentifyingScreen({
  screen,
}: {
  readonly screen: Screen & { name: 'identifying' }
}) {
  const { t, act } = useShell()
  const slow = useSlow()
  return (
    <Stage art="read">
      <Headline>{t('identifying.title')}</Headline>
      <Progress>{t('identifying.body')}</Progress>
      {screen.elsewhere && <Message tone="info">{t('elsewhere.continues')}</Message>}
      {screen.outgoing !== null && (
        <Message tone="info">{t('outgoing.kept', { name: screen.outgoing.label })}</Message>
      )}
      {slow && <Message tone="warn">{t('identifying.slow')}</Message>}
      <Actions>
        <Action keyboard="escape" onPress={() => act('signIn.cancel', {})}>
          {t('action.cancel')}
        </Action>
      </Actions>
    </Stage>
  )
}
