import type { Proof } from '../../../preload/shown/proof.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { PanelTitle } from './panel-title.tsx'
import { PasskeyPrompt } from './passkey-prompt.tsx'
import { Status } from '../../ui/status.tsx'

/** The passkey that confirms what a panel is about; `lead` says what follows from it. */
export function PanelProof({ proof, lead }: { readonly proof: Proof; readonly lead: string }) {
  const { t, act } = useShell()
  if (proof.step === 'failed')
    return (
      <>
        <PanelTitle key={proof.failure}>{t(`failure.${proof.failure}.title`)}</PanelTitle>
        <Status className="lead">{t(`failure.${proof.failure}.body`)}</Status>
        <Actions>
          <Action kind="primary" keyboard="enter" onPress={() => act('signIn.retry', {})}>
            {t('action.tryAgain')}
          </Action>
          <Action onPress={() => act('signIn.cancel', {})}>{t('action.back')}</Action>
        </Actions>
      </>
    )
  return (
    <>
      <PanelTitle key="confirm">{t('confirm.title')}</PanelTitle>
      <p className="lead">{lead}</p>
      {proof.step === 'preparing' && <Progress>{t('verify.preparing')}</Progress>}
      {proof.step === 'checking' && <Progress>{t('verify.checking')}</Progress>}
      {proof.step === 'waiting' && (
        <PasskeyPrompt ceremony={proof.ceremony} start={t('verify.usePasskey')} />
      )}
    </>
  )
}
