import { useState } from 'react'
import type { Panel } from '../../../preload/shown/panel.ts'
import type { ReviewShown } from '../../../preload/shown/reviews.ts'
import type { Verdict } from '../../../preload/choices.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { ChoiceField } from '../../ui/choice-field.tsx'
import { Message } from '../../ui/message.tsx'
import { isNote, NoteField } from '../../ui/note-field.tsx'
import { useShell } from '../environment.tsx'
import { noteCounter } from '../note-counter.ts'
import { PanelTitle } from './panel-title.tsx'
import { reviewReason } from './review-reason.ts'

const verdicts: readonly Verdict[] = ['genuine', 'drill', 'training-need', 'misuse']

/** One case and its verdict. The note is required: a verdict without a finding helps nobody. */
export function ReviewDecision({
  review,
  failure,
  onBack,
}: {
  readonly review: ReviewShown
  readonly failure: (Panel & { name: 'reviews' })['failure']
  readonly onBack: () => void
}) {
  const { t, act, time } = useShell()
  const [verdict, setVerdict] = useState<Verdict | null>(null)
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const submit = () => {
    setTried(true)
    if (verdict !== null && isNote(note))
      act('reviews.decide', { caseId: review.caseId, verdict, note: note.trim() })
  }
  return (
    <>
      <PanelTitle>{t('reviews.decide.title')}</PanelTitle>
      {failure !== null && <Message tone="warn">{t(`reviews.failure.${failure}`)}</Message>}
      <dl className="facts">
        <dt>{t('reviews.col.what')}</dt>
        <dd>
          {t(`reviews.kind.${review.kind}`)}
          {review.patient !== null && ` · ${t('reviews.patient', { patient: review.patient })}`}
        </dd>
        <dt>{t('reviews.col.who')}</dt>
        <dd>
          {review.actor} ·{' '}
          {review.witness === null
            ? t('reviews.noWitness')
            : t('reviews.witness', { witness: review.witness })}
        </dd>
        <dt>{t('reviews.col.where')}</dt>
        <dd>
          {review.workstation} · {time.dateTime(review.startedAt)} –{' '}
          {review.endedAt === null ? t('reviews.running') : time.time(review.endedAt)}
        </dd>
        <dt>{t('reviews.col.reason')}</dt>
        <dd>
          {reviewReason(t, review)} · {review.note}
        </dd>
      </dl>
      <ChoiceField
        label={t('reviews.verdict')}
        choices={verdicts.map((id) => ({
          id,
          label: t(`reviews.verdict.${id}`),
          body: t(`reviews.verdict.${id}.body`),
        }))}
        value={verdict}
        onChange={setVerdict}
        error={tried && verdict === null ? t('form.verdictMissing') : null}
      />
      <NoteField
        label={t('reviews.note')}
        help={t('reviews.note.help')}
        value={note}
        onChange={setNote}
        error={tried && !isNote(note) ? t('form.noteShort') : null}
        counter={noteCounter(t, note)}
      />
      <Actions foot>
        <Action kind="primary" keyboard="enter" onPress={submit}>
          {t('reviews.save')}
        </Action>
        <Action onPress={onBack}>{t('action.back')}</Action>
      </Actions>
    </>
  )
}
