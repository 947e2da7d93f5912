import { type FormEvent, useState } from 'react'
import type { BadgeEnrolmentShown } from '../../../preload/shown/badges.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { ChoiceField } from '../../ui/choice-field.tsx'
import { LineField } from '../../ui/line-field.tsx'
import { Message } from '../../ui/message.tsx'
import { useShell } from '../environment.tsx'
import { PanelTitle } from './panel-title.tsx'

type FormShown = BadgeEnrolmentShown & { readonly step: 'form' }

const kinds = ['permanent', 'loaner'] as const

/** As the contract has it. */
const nameLength = 40

/** The choice of replacing no card; no id is empty. */
const none = ''

function FormFoot({ submit }: { readonly submit: string }) {
  const { t, act } = useShell()
  return (
    <Actions foot>
      <Action kind="primary" submit>
        {submit}
      </Action>
      <Action onPress={() => act('seat.back', {})}>{t('action.cancel')}</Action>
    </Actions>
  )
}

/** A second chip: it takes name and kind of its card, so there is only yes or no to say. */
function SecondChip({ shown }: { readonly shown: FormShown }) {
  const { t, act } = useShell()
  const card = shown.replaceable.find(({ cardId }) => cardId === shown.sameCard)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    act('badges.assign', {
      name: card?.name ?? t('badge.form.name.default'),
      kind: card?.kind ?? 'permanent',
      replaces: null,
    })
  }
  return (
    <form onSubmit={submit}>
      <PanelTitle>{t('badge.chip.title')}</PanelTitle>
      <p className="lead">
        {card === undefined ? t('badge.chip.body') : t('badge.chip.bodyNamed', { name: card.name })}
      </p>
      <FormFoot submit={t('badge.chip.submit')} />
    </form>
  )
}

function NewBadge({ shown }: { readonly shown: FormShown }) {
  const { t, act } = useShell()
  const { loanerOnly, replaceable } = shown
  const [name, setName] = useState(() => t('badge.form.name.default'))
  const [kind, setKind] = useState<(typeof kinds)[number]>(loanerOnly ? 'loaner' : 'permanent')
  const [replaces, setReplaces] = useState<string>(none)
  // A loaner stands in for a card that stays at home; it replaces nothing.
  const mayReplace = kind === 'permanent' && replaceable.length > 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return
    act('badges.assign', {
      name: name.trim(),
      kind,
      replaces: mayReplace && replaces !== none ? replaces : null,
    })
  }
  return (
    <form onSubmit={submit} noValidate>
      <PanelTitle>{t('badge.form.title')}</PanelTitle>
      <p className="lead">{t('badge.form.body')}</p>
      <LineField
        label={t('badge.form.name')}
        help={t('badge.form.name.help')}
        value={name}
        onChange={setName}
        error={name.trim() === '' ? t('form.badgeNameMissing') : null}
        maxLength={nameLength}
      />
      {loanerOnly ? (
        <Message tone="info" title={t('badge.kind.loaner')}>
          {t('badge.form.loanerOnly')}
        </Message>
      ) : (
        <ChoiceField
          label={t('badge.form.kind')}
          choices={kinds.map((id) => ({
            id,
            label: t(`badge.kind.${id}`),
            body: t(`badge.kind.${id}.body`),
          }))}
          value={kind}
          onChange={setKind}
          error={null}
        />
      )}
      {mayReplace && (
        <ChoiceField
          label={t('badge.form.replaces')}
          choices={[
            { id: none, label: t('badge.replaces.none') },
            ...replaceable.map((card) => ({
              id: card.cardId,
              label: t('badge.replaces.card', { name: card.name }),
              body: t('badge.replaces.card.body'),
            })),
          ]}
          value={replaces}
          onChange={setReplaces}
          error={null}
        />
      )}
      <FormFoot submit={t('badge.form.submit')} />
    </form>
  )
}

/** After two taps that agree: what the badge is to be. The passkey follows. */
export function BadgeForm({ shown }: { readonly shown: FormShown }) {
  return shown.sameCard === null ? <NewBadge shown={shown} /> : <SecondChip shown={shown} />
}
