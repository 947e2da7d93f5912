import { type FormEvent, type ReactNode, useState } from 'react'
import type { EnrolmentShown } from '../../../preload/shown/passkeys.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Headline } from '../../ui/headline.tsx'
import { LineField } from '../../ui/line-field.tsx'
import { Message } from '../../ui/message.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { useCeremonyStatus } from '../use-ceremony.ts'
import { PanelTitle } from './panel-title.tsx'
import { Status } from '../../ui/status.tsx'

type Waiting = EnrolmentShown & { readonly step: 'waiting' }

/** In a panel the person in the bar is the `h1`. */
function Title({ inside, children }: { readonly inside: boolean; readonly children: ReactNode }) {
  return inside ? (
    <PanelTitle>{children}</PanelTitle>
  ) : (
    <Headline size="medium">{children}</Headline>
  )
}

function CodeStep({
  failure,
  inside,
}: {
  readonly failure: 'code-invalid' | 'locked-out' | null
  readonly inside: boolean
}) {
  const { t, act } = useShell()
  const [code, setCode] = useState('')
  const [tried, setTried] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (code.trim() !== '') act('enrolment.begin', { code: code.trim() })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Title inside={inside}>{t('enrol.code.title')}</Title>
      <p className="lead">{t('enrol.code.body')}</p>
      {failure !== null && <Message tone="warn">{t(`enrol.code.${failure}`)}</Message>}
      <LineField
        label={t('enrol.code.label')}
        value={code}
        onChange={setCode}
        error={tried && code.trim() === '' ? t('form.codeMissing') : null}
        maxLength={64}
        code
      />
      <Actions>
        <Action kind="primary" submit>
          {t('enrol.code.submit')}
        </Action>
      </Actions>
    </form>
  )
}

/** Name first: once the system's window is open, nobody reads ours. */
function NameStep({
  enrolment,
  inside,
}: {
  readonly enrolment: Waiting
  readonly inside: boolean
}) {
  const { t, ceremonies } = useShell()
  const [name, setName] = useState(() => t('enrol.name.default'))
  const status = useCeremonyStatus(enrolment.enrolmentId)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { enrolmentId, options } = enrolment
    if (name.trim() !== '') ceremonies.register({ enrolmentId, options, name: name.trim() })
  }
  return (
    <form onSubmit={submit} noValidate>
      <p className="who">
        <PersonMark person={enrolment.person} />
        <span>{t('enrol.for', { name: enrolment.person.label })}</span>
      </p>
      <Title inside={inside}>{t('enrol.name.title')}</Title>
      {status === 'idle' ? (
        <>
          <p className="lead">{t('enrol.name.body')}</p>
          <LineField
            label={t('enrol.name.label')}
            help={t('enrol.name.help')}
            value={name}
            onChange={setName}
            error={name.trim() === '' ? t('form.nameMissing') : null}
            maxLength={60}
          />
          <Actions>
            <Action kind="primary" submit>
              {t('enrol.create')}
            </Action>
          </Actions>
        </>
      ) : (
        <Progress>{status === 'running' ? t('enrol.waiting') : t('enrol.saving')}</Progress>
      )}
    </form>
  )
}

/** The steps of a new passkey; `inside`: in one's own session, where no code is needed. */
export function EnrolmentSteps({
  enrolment,
  inside,
}: {
  readonly enrolment: EnrolmentShown
  readonly inside: boolean
}) {
  const { t, act } = useShell()
  switch (enrolment.step) {
    case 'code':
      return <CodeStep failure={enrolment.failure} inside={inside} />
    case 'preparing':
      return (
        <>
          <Title inside={inside}>{t('enrol.title')}</Title>
          <Progress>{t('enrol.preparing')}</Progress>
        </>
      )
    case 'waiting':
      return <NameStep enrolment={enrolment} inside={inside} />
    case 'saving':
      return (
        <>
          <Title inside={inside}>{t('enrol.title')}</Title>
          <Progress>{t('enrol.saving')}</Progress>
        </>
      )
    case 'done':
      return (
        <>
          <Title inside={inside}>{t('enrol.done.title')}</Title>
          <Status className="lead">
            {t(inside ? 'enrol.done.bodyInside' : 'enrol.done.body', { name: enrolment.name })}{' '}
            {t('enrol.done.second')}
          </Status>
          <Actions>
            <Action
              kind="primary"
              keyboard="enter"
              onPress={() => act(inside ? 'seat.back' : 'signIn.cancel', {})}
            >
              {t('enrol.done.close')}
            </Action>
          </Actions>
        </>
      )
    case 'failed':
      return (
        <>
          <Title inside={inside} key={enrolment.failure}>
            {t(`enrol.failed.${enrolment.failure}.title`)}
          </Title>
          <Status className="lead">{t(`enrol.failed.${enrolment.failure}.body`)}</Status>
          <Actions>
            {enrolment.failure === 'verify-again' ? (
              <Action kind="primary" keyboard="enter" onPress={() => act('signIn.retry', {})}>
                {t('verify.usePasskey')}
              </Action>
            ) : (
              <Action
                kind="primary"
                keyboard="enter"
                onPress={() =>
                  inside ? act('enrolment.begin', { code: null }) : act('enrolment.open', {})
                }
              >
                {t('enrol.again')}
              </Action>
            )}
          </Actions>
        </>
      )
  }
}
