import { Fingerprint, KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { FallbackReason } from '../../../preload/choices.ts'
import type { FallbackStage } from '../../../preload/shown/screen.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { ChoiceField } from '../../ui/choice-field.tsx'
import { Consequences } from '../../ui/consequences.tsx'
import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { isNote, NoteField } from '../../ui/note-field.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { useShell } from '../environment.tsx'
import { noteCounter } from '../note-counter.ts'
import { fallbackReasons } from '../reasons.ts'
import { Stage } from '../stage.tsx'

/** The easier right path, on the same screen as the hard one (R13). */
function EasierWay() {
  const { t, act } = useShell()
  return (
    <section className="easier">
      <h2>{t('fallback.easier.title')}</h2>
      <div className="easier-way">
        <p>{t('fallback.easier.passkey.body')}</p>
        <Action icon={<Fingerprint aria-hidden="true" />} onPress={() => act('signIn.retry', {})}>
          {t('fallback.easier.passkey')}
        </Action>
      </div>
      <div className="easier-way">
        <p>{t('fallback.easier.code.body')}</p>
        <Action icon={<KeyRound aria-hidden="true" />} onPress={() => act('enrolment.open', {})}>
          {t('fallback.easier.code')}
        </Action>
      </div>
    </section>
  )
}

export function FallbackForm({ stage }: { readonly stage: FallbackStage & { step: 'form' } }) {
  const { t, act } = useShell()
  const [reason, setReason] = useState<FallbackReason | null>(null)
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const submit = () => {
    setTried(true)
    if (reason !== null && isNote(note)) act('fallback.submit', { reason, note: note.trim() })
  }
  return (
    <Stage art="help" dense aside={<EasierWay />}>
      <div className="title-row">
        <PersonMark person={stage.person} size="large" />
        <div>
          <Headline size="medium">{t('fallback.title')}</Headline>
          <p className="eyebrow eyebrow-danger">
            {t('fallback.for', { name: stage.person.label })}
          </p>
        </div>
      </div>
      <p className="lead">{t('fallback.lead')}</p>
      {stage.refusal !== null && (
        <Message tone="warn">{t(`fallback.refused.${stage.refusal}`)}</Message>
      )}
      <Consequences
        label={t('fallback.consequences')}
        items={(['recorded', 'limited', 'witness'] as const).map((kind) => ({
          kind,
          title: t(`fallback.consequence.${kind}`),
          body: t(`fallback.consequence.${kind}.body`),
        }))}
      />
      <ChoiceField
        label={t('fallback.reason')}
        choices={fallbackReasons.map((id) => ({ id, label: t(`fallback.reason.${id}`) }))}
        value={reason}
        onChange={setReason}
        error={tried && reason === null ? t('form.reasonMissing') : null}
      />
      <NoteField
        label={t('fallback.note')}
        help={t('fallback.note.help')}
        value={note}
        onChange={setNote}
        error={tried && !isNote(note) ? t('form.noteShort') : null}
        counter={noteCounter(t, note)}
      />
      <Actions foot>
        <Action kind="danger" keyboard="enter" pending={stage.busy} onPress={submit}>
          {stage.busy ? t('fallback.busy') : t('fallback.submit')}
        </Action>
        <Action keyboard="escape" onPress={() => act('signIn.cancel', {})}>
          {t('action.cancel')}
        </Action>
      </Actions>
    </Stage>
  )
}
