import { IdCard, KeyRound, LifeBuoy } from 'lucide-react'
import type { ProofFailure } from '../../../preload/shown/proof.ts'
import type { Screen } from '../../../preload/shown/screen.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { PasskeyPrompt } from './passkey-prompt.tsx'
import { SignInSteps } from './sign-in-steps.tsx'
import { Status } from '../../ui/status.tsx'

/** Trying again cannot help where the key, the person or the machine is out of service. */
const final: ReadonlySet<ProofFailure> = new Set(['locked-out', 'unsupported'])

/** The second factor. One picture, one sentence, one primary action; other ways below. */
export function VerifyingScreen({ screen }: { readonly screen: Screen & { name: 'verifying' } }) {
  const { t, act } = useShell()
  const { person, proof, passkey, outgoing, elsewhere } = screen
  const failure = proof.step === 'failed' ? proof.failure : null
  const title = !passkey
    ? t('verify.noPasskey.title')
    : failure !== null
      ? t(`failure.${failure}.title`)
      : t('verify.title')
  return (
    <Stage art={failure === null && passkey ? 'key' : 'help'} dense>
      {person === null ? (
        <p className="eyebrow">{t('verify.withoutBadge')}</p>
      ) : (
        <p className="who">
          <PersonMark person={person} />
          <span>{person.label}</span>
        </p>
      )}
      <Headline key={title}>{title}</Headline>
      {failure === null && passkey && <SignInSteps badge={person !== null} at="passkey" />}
      {!passkey ? (
        <>
          <p className="lead">{t('verify.noPasskey.body')}</p>
          <Actions>
            <Action kind="primary" keyboard="enter" onPress={() => act('enrolment.open', {})}>
              {t('action.setupCode')}
            </Action>
          </Actions>
        </>
      ) : proof.step === 'preparing' ? (
        <Progress>{t('verify.preparing')}</Progress>
      ) : proof.step === 'checking' ? (
        <Progress>{t('verify.checking')}</Progress>
      ) : proof.step === 'waiting' ? (
        <PasskeyPrompt ceremony={proof.ceremony} start={t('verify.usePasskey')} />
      ) : (
        <>
          <Status className="lead">{t(`failure.${proof.failure}.body`)}</Status>
          <Actions>
            {final.has(proof.failure) ? (
              <Action kind="primary" keyboard="enter" onPress={() => act('signIn.cancel', {})}>
                {t('action.toLockScreen')}
              </Action>
            ) : (
              <Action kind="primary" keyboard="enter" onPress={() => act('signIn.retry', {})}>
                {proof.failure === 'revoked' ? t('verify.anotherPasskey') : t('action.tryAgain')}
              </Action>
            )}
          </Actions>
        </>
      )}
      {elsewhere && <Message tone="info">{t('elsewhere.continues')}</Message>}
      {outgoing !== null && (
        <Message tone="info">{t('outgoing.kept', { name: outgoing.label })}</Message>
      )}
      <section className="other-ways" aria-label={t('action.otherWays')}>
        <Action
          kind="quiet"
          keyboard="escape"
          icon={<IdCard aria-hidden="true" />}
          onPress={() => act('signIn.cancel', {})}
        >
          {person === null ? t('action.toLockScreen') : t('verify.switchUser')}
        </Action>
        {passkey && (
          <Action
            kind="quiet"
            icon={<KeyRound aria-hidden="true" />}
            onPress={() => act('enrolment.open', {})}
          >
            {t('action.setupCode')}
          </Action>
        )}
        <Action
          kind="quiet"
          icon={<LifeBuoy aria-hidden="true" />}
          onPress={() => act('fallback.open', {})}
        >
          {t('action.emergency')}
        </Action>
      </section>
    </Stage>
  )
}
