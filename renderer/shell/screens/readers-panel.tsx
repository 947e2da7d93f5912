import { CircleCheck, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { Panel } from '../../../preload/shown/panel.ts'
import type { ReaderShown } from '../../../preload/shown/readers.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Message } from '../../ui/message.tsx'
import { SwitchField } from '../../ui/switch-field.tsx'
import { useShell } from '../environment.tsx'
import { Inspections } from './inspections.tsx'
import { PanelFrame } from './panel-frame.tsx'
import { PanelTitle } from './panel-title.tsx'

type ReadersShown = Panel & { readonly name: 'readers' }

const icons = { starting: LoaderCircle, ready: CircleCheck } as const

function Reader({ reader }: { readonly reader: ReaderShown }) {
  const { t } = useShell()
  const { model, status, detail } = reader
  const Icon = status === 'starting' || status === 'ready' ? icons[status] : TriangleAlert
  return (
    <li className="reader" data-status={status}>
      <Icon aria-hidden="true" />
      <div>
        <p className="reader-model">{model}</p>
        <p>{t(`reader.${status}`)}</p>
        {detail !== '' && (
          <p className="small" lang="en">
            {detail}
          </p>
        )}
      </div>
    </li>
  )
}

function Readers({ readers }: Pick<ReadersShown, 'readers'>) {
  const { t } = useShell()
  return (
    <section className="readers" aria-labelledby="readers-list">
      <h3 id="readers-list">{t('readers.list')}</h3>
      {readers.length === 0 ? (
        <p>{t('readers.none')}</p>
      ) : (
        <ul>
          {readers.map((reader) => (
            <Reader key={reader.reader} reader={reader} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Failure({ failure }: { readonly failure: NonNullable<ReadersShown['failure']> }) {
  const { t, act } = useShell()
  if (failure === 'not-an-operator')
    return <Message tone="warn">{t('readers.failure.not-an-operator')}</Message>
  return (
    <>
      <Message tone="warn">{t(`refusal.${failure}`)}</Message>
      <Actions>
        <Action kind="primary" keyboard="enter" onPress={() => act('readers.open', {})}>
          {t('action.tryAgain')}
        </Action>
      </Actions>
    </>
  )
}

/** The test page of an IT engineer: each tap is explained step by step, and obeyed by nobody. */
export function ReadersPanel({ panel }: { readonly panel: ReadersShown }) {
  const { t, act } = useShell()
  const { readers, reveal, inspections, failure } = panel
  return (
    <PanelFrame wide>
      <PanelTitle>{t('readers.title')}</PanelTitle>
      {failure === null ? (
        <>
          <p className="lead">{t('readers.lead')}</p>
          <div className="readers-columns">
            <div className="readers-side">
              <Readers readers={readers} />
              <SwitchField
                label={t('readers.reveal')}
                help={t('readers.reveal.help')}
                value={reveal}
                onChange={(on) => act('readers.reveal', { reveal: on })}
              />
            </div>
            <div className="readers-taps">
              <Inspections inspections={inspections} />
            </div>
          </div>
        </>
      ) : (
        // No word of taps here: where the page could not be opened, they are obeyed as ever.
        <>
          <Failure failure={failure} />
          {readers.length > 0 && <Readers readers={readers} />}
        </>
      )}
    </PanelFrame>
  )
}
