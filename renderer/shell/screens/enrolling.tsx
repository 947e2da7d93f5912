import type { EnrolmentShown } from '../../../preload/shown/passkeys.ts'
import { Action } from '../../ui/action.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { EnrolmentSteps } from './enrolment-steps.tsx'

/** A first passkey, from the lock screen, with a code of IT. */
export function EnrollingScreen({ enrolment }: { readonly enrolment: EnrolmentShown }) {
  const { t, act } = useShell()
  return (
    <Stage art={enrolment.step === 'failed' ? 'help' : 'key'} dense>
      <EnrolmentSteps enrolment={enrolment} inside={false} />
      {enrolment.step !== 'done' && (
        <section className="other-ways" aria-label={t('action.otherWays')}>
          <Action kind="quiet" keyboard="escape" onPress={() => act('signIn.cancel', {})}>
            {t('action.cancel')}
          </Action>
        </section>
      )}
    </Stage>
  )
}
