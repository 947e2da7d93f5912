import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { useSlow } from '../use-slow.ts'

export function StartingScreen() {
  const { t } = useShell()
  const slow = useSlow(10_000)
  return (
    <Stage art="quiet">
      <Headline>{t('starting.title')}</Headline>
      <Progress>{t('starting.body')}</Progress>
      {slow && <Message tone="info">{t('starting.slow')}</Message>}
    </Stage>
  )
}
