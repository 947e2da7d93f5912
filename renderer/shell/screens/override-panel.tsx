import { useState } from 'react'
import type { OverrideReason } from '../../../preload/choices.ts'
import type { Panel } from '../../../preload/shown/panel.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { ChoiceField } from '../../ui/choice-field.tsx'
import { Consequences } from '../../ui/consequences.tsx'
import { LineField } from '../../ui/line-field.tsx'
import { Message } from '../../ui/message.tsx'
import { isNote, NoteField } from '../../ui/note-field.tsx'
import { useShell } from '../environment.tsx'
import { noteCounter } from '../note-counter.ts'
import { overrideReasons } from '../reasons.ts'
import { PanelFrame } from './panel-frame.tsx'
import { PanelProof } from './panel-proof.tsx'
import { PanelTitle } from './panel-title.tsx'

/** A patient's number as the contract takes it; never a name. */
export const isPatient = (text: string) => /^[A-Za-z0-9.-]{1,64}$/.test(text.trim())

function OverrideForm({ refusal }: { readonly refusal: 'quota' | null }) {
  const { t, act } = useShell()
  const [patient, setPatient] = useState('')
  const [reason, setReason] = useState<OverrideReason | null>(null)
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const submit = () => {
    setTried(true)
    if (reason !== null && isPatient(patient) && isNote(note))
      act('override.submit', { patient: patient.trim(), reason, note: note.trim() })
  }
  return (
    <>
      <PanelTitle>{t('override.title')}</PanelTitle>
      <p className="lead">{t('override.lead')}</p>
      {refusal !== null && <Message tone="warn">{t('override.refused.quota')}</Message>}
      <Consequences
        label={t('fallback.consequences')}
        items={[
          {
            kind: 'recorded',
            title: t('fallback.consequence.recorded'),
            body: t('override.consequence.recorded.body'),
          },
          {
            kind: 'limited',
            title: t('fallback.consequence.limited'),
            body: t('override.consequence.limited.body'),
          },
          {
            kind: 'passkey',
            title: t('override.consequence.passkey'),
            body: t('override.consequence.passkey.body'),
          },
        ]}
      />
      <Message tone="info" title={t('fallback.easier.title')}>
        {t('override.easier.body')}
      </Message>
      <LineField
        label={t('override.patient')}
        help={t('override.patient.help')}
        value={patient}
        onChange={setPatient}
        error={tried && !isPatient(patient) ? t('form.patientInvalid') : null}
        maxLength={64}
      />
      <ChoiceField
        label={t('override.reason')}
        choices={overrideReasons.map((id) => ({ id, label: t(`override.reason.${id}`) }))}
        value={reason}
        onChange={setReason}
        error={tried && reason === null ? t('form.reasonMissing') : null}
      />
      <NoteField
        label={t('override.note')}
        help={t('override.note.help')}
        value={note}
        onChange={setNote}
        error={tried && !isNote(note) ? t('form.noteShort') : null}
        counter={noteCounter(t, note)}
      />
      <Actions foot>
        <Action kind="danger" keyboard="enter" onPress={submit}>
          {t('override.submit')}
        </Action>
        <Action onPress={() => act('seat.back', {})}>{t('action.cancel')}</Action>
      </Actions>
    </>
  )
}

/** Authorization override for one patient: consequences, form, then the passkey. */
export function OverridePanel({ panel }: { readonly panel: Panel & { name: 'override' } }) {
  const { t } = useShell()
  return (
    <PanelFrame>
      {panel.proof === null ? (
        <OverrideForm refusal={panel.refusal} />
      ) : (
        <PanelProof proof={panel.proof} lead={t('override.confirm.body')} />
      )}
    </PanelFrame>
  )
}
