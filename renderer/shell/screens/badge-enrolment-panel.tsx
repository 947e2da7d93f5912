import type { ReactNode } from 'react'
import type { BadgeEnrolmentShown } from '../../../preload/shown/badges.ts'
import type { Panel } from '../../../preload/shown/panel.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Art, type ArtKind } from '../../ui/art.tsx'
import { countdown } from '../../ui/format.ts'
import { Progress } from '../../ui/progress.tsx'
import { Status } from '../../ui/status.tsx'
import { useShell } from '../environment.tsx'
import { ProgressSteps } from '../progress-steps.tsx'
import { useNow } from '../use-now.ts'
import { BadgeForm } from './badge-form.tsx'
import { PanelFrame } from './panel-frame.tsx'
import { PanelProof } from './panel-proof.tsx'
import { PanelTitle } from './panel-title.tsx'

type Failure = (BadgeEnrolmentShown & { readonly step: 'failed' })['failure']

/** Tapping again cannot help: somebody else has to do something first. */
const final: ReadonlySet<Failure> = new Set(['taken', 'yours', 'emergency', 'log-unavailable'])

function Steps({ at }: { readonly at: 0 | 1 | 2 | 3 }) {
  const { t } = useShell()
  return (
    <ProgressSteps
      labels={[
        t('badge.step.first'),
        t('badge.step.second'),
        t('badge.step.form'),
        t('verify.step.passkey'),
      ]}
      at={at}
    />
  )
}

/** A step that waits for the reader: words on the left, a picture of the tap on the right. */
function TapStep({
  at,
  art,
  children,
}: {
  /** null: either of the two taps. */
  readonly at: 0 | 1 | null
  readonly art: ArtKind
  readonly children: ReactNode
}) {
  return (
    <>
      {at !== null && <Steps at={at} />}
      <div className="tap-step">
        <div className="tap-copy">{children}</div>
        <div className="tap-picture">
          <Art kind={art} />
        </div>
      </div>
    </>
  )
}

function Remaining({ until }: { readonly until: number }) {
  const { t } = useShell()
  const now = useNow(1000)
  return <p className="hint numbers">{t('witness.remaining', { time: countdown(until, now) })}</p>
}

function Failed({ failure }: { readonly failure: Failure }) {
  const { t, act } = useShell()
  const toBadges = () => act('badges.open', {})
  return (
    <>
      <PanelTitle key={failure}>{t(`badge.failed.${failure}.title`)}</PanelTitle>
      <Status className="lead">{t(`badge.failed.${failure}.body`)}</Status>
      <Actions>
        {final.has(failure) ? (
          <Action kind="primary" keyboard="enter" onPress={toBadges}>
            {t('badge.toBadges')}
          </Action>
        ) : (
          <>
            <Action
              kind="primary"
              keyboard="enter"
              onPress={() => act('badges.add', { sameCard: null })}
            >
              {t('enrol.again')}
            </Action>
            <Action onPress={toBadges}>{t('badge.toBadges')}</Action>
          </>
        )}
      </Actions>
    </>
  )
}

function Enrolment({ enrolment }: { readonly enrolment: BadgeEnrolmentShown }) {
  const { t, act, time, snapshot } = useShell()
  switch (enrolment.step) {
    case 'first-tap':
      return (
        <TapStep at={0} art="tap">
          <PanelTitle key="first">{t('badge.first.title')}</PanelTitle>
          <Status className="lead">{t('badge.first.body')}</Status>
        </TapStep>
      )
    case 'second-tap':
      return (
        <TapStep at={1} art="tap">
          <PanelTitle key="second">{t('badge.second.title')}</PanelTitle>
          <Status className="lead">{t('badge.second.body')}</Status>
          <Remaining until={enrolment.until} />
        </TapStep>
      )
    case 'checking':
      return (
        <TapStep at={null} art="read">
          <PanelTitle key="checking">{t('identifying.title')}</PanelTitle>
          <Progress>{t('badge.checking')}</Progress>
        </TapStep>
      )
    case 'form':
      return (
        <>
          <Steps at={2} />
          <BadgeForm shown={enrolment} />
        </>
      )
    case 'proof':
      return (
        <>
          <Steps at={3} />
          <PanelProof proof={enrolment.proof} lead={t('badge.confirm.body')} />
        </>
      )
    case 'done':
      return (
        <>
          <PanelTitle key="done">{t(`badge.done.${enrolment.kind}.title`)}</PanelTitle>
          <Status className="lead">
            {enrolment.endsAt === null
              ? t('badge.done.body')
              : t('badge.done.bodyUntil', {
                  until: time.lately(enrolment.endsAt, snapshot.now),
                })}
          </Status>
          <Actions>
            <Action kind="primary" keyboard="enter" onPress={() => act('seat.back', {})}>
              {t('enrol.done.close')}
            </Action>
          </Actions>
        </>
      )
    case 'failed':
      return <Failed failure={enrolment.failure} />
  }
}

/** A further badge of one's own: two taps that agree, what it is to be, the passkey. */
export function BadgeEnrolmentPanel({
  panel,
}: {
  readonly panel: Panel & { name: 'badge-enrolment' }
}) {
  return (
    <PanelFrame>
      <Enrolment enrolment={panel.enrolment} />
    </PanelFrame>
  )
}
