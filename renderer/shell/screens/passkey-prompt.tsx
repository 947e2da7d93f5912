import { Fingerprint } from 'lucide-react'
import type { Ceremony } from '../../../preload/shown/proof.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { useCeremonyStatus } from '../use-ceremony.ts'

/**
 * Asks for a passkey: the words before the system's window, and those while it is open. `start`
 * words the button; an automatic ceremony shows none.
 */
export function PasskeyPrompt({
  ceremony,
  start,
}: {
  readonly ceremony: Ceremony
  readonly start: string
}) {
  const { t, ceremonies } = useShell()
  const status = useCeremonyStatus(ceremony.ceremonyId)
  if (status === 'sent') return <Progress>{t('verify.checking')}</Progress>
  if (status === 'running' || ceremony.autoStart) return <Progress>{t('verify.waiting')}</Progress>
  return (
    <>
      <p className="lead">{t('verify.ready')}</p>
      <Actions>
        <Action
          kind="primary"
          keyboard="enter"
          icon={<Fingerprint aria-hidden="true" />}
          onPress={() => ceremonies.authenticate(ceremony)}
        >
          {start}
        </Action>
      </Actions>
    </>
  )
}
