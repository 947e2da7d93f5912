import type { FallbackStage } from '../../../preload/shown/screen.ts'
import type { ProofFailure } from '../../../preload/shown/proof.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { countdown } from '../../ui/format.ts'
import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { ProgressSteps } from '../progress-steps.tsx'
import { Stage } from '../stage.tsx'
import { useNow } from '../use-now.ts'
import { PasskeyPrompt } from './passkey-prompt.tsx'

type WitnessStage = FallbackStage & { step: 'witness' }

/** Who asks, why, for what, how long: what the second person signs. */
function Request({ stage }: { readonly stage: WitnessStage }) {
  const { t } = useShell()
  return (
    <section className="request" aria-label={t('witness.request')}>
      <h2>{t('witness.request')}</h2>
      <dl>
        <dt>{t('witness.who')}</dt>
        <dd>{stage.person.label}</dd>
        <dt>{t('witness.why')}</dt>
        <dd>{t(`fallback.reason.${stage.reason}`)}</dd>
        <dt>{t('witness.what')}</dt>
        <dd>{stage.note}</dd>
        <dt>{t('witness.long')}</dt>
        <dd>{t('witness.minutes', { minutes: stage.minutes })}</dd>
      </dl>
    </section>
  )
}

function Failure({ failure }: { readonly failure: ProofFailure }) {
  const { t, act } = useShell()
  return (
    <>
      <Message tone="warn" title={t(`failure.${failure}.title`)}>
        {t(`failure.${failure}.body`)}
      </Message>
      <Actions>
        <Action kind="primary" keyboard="enter" onPress={() => act('signIn.retry', {})}>
          {t('action.tryAgain')}
        </Action>
      </Actions>
    </>
  )
}

/** A second person vouches, with badge and passkey, and stays where they were. */
export function WitnessScreen({ stage }: { readonly stage: WitnessStage }) {
  const { t, act } = useShell()
  const now = useNow(1000)
  const { witness, proof } = stage
  return (
    <Stage art="witness" dense aside={<Request stage={stage} />}>
      <p className="eyebrow eyebrow-danger">{t('witness.title')}</p>
      <Headline size="medium" key={witness === null ? 'tap' : 'confirm'}>
        {witness === null
          ? t('witness.tap.title')
          : t('witness.confirm.title', { name: witness.label })}
      </Headline>
      <ProgressSteps
        labels={[t('witness.step.request'), t('witness.step.tap'), t('witness.step.passkey')]}
        at={witness === null ? 1 : 2}
      />
      {witness === null ? (
        <>
          <p className="lead">{t('witness.lead')}</p>
          <p className="hint">{t('witness.tap.body')}</p>
        </>
      ) : (
        <>
          <p className="who">
            <PersonMark person={witness} />
            <span>{t('witness.confirm.body', { requester: stage.person.label })}</span>
          </p>
          {(proof === null || proof.step === 'preparing') && (
            <Progress>{t('verify.preparing')}</Progress>
          )}
          {proof?.step === 'checking' && <Progress>{t('verify.checking')}</Progress>}
          {proof?.step === 'waiting' && (
            <PasskeyPrompt ceremony={proof.ceremony} start={t('witness.usePasskey')} />
          )}
          {proof?.step === 'failed' && <Failure failure={proof.failure} />}
        </>
      )}
      {stage.refusal !== null && <Message tone="warn">{t(`witness.${stage.refusal}`)}</Message>}
      <Actions>
        <Action onPress={() => act('fallback.decline', {})}>{t('witness.decline')}</Action>
        <Action kind="quiet" keyboard="escape" onPress={() => act('signIn.cancel', {})}>
          {witness === null ? t('action.cancel') : t('verify.notYou', { name: witness.label })}
        </Action>
        <p className="hint numbers">
          {t('witness.remaining', { time: countdown(stage.until, now) })}
        </p>
      </Actions>
    </Stage>
  )
}
