import { type ReactNode, useState } from 'react'
import { Action, Actions } from './action.tsx'

/** What taking a credential away means, asked in the card itself. */
export interface Removal {
  readonly action: string
  /** The same for a screen reader, with the name. */
  readonly named: string
  readonly title: string
  readonly body: string
  readonly keep: string
  readonly confirm: string
  readonly onConfirm: () => void
}

/** A badge or passkey of one's own. It is taken away only after a second question. */
export function CredentialCard({
  icon,
  name,
  children,
  actions,
  removal,
}: {
  readonly icon: ReactNode
  readonly name: string
  readonly children: ReactNode
  readonly actions?: ReactNode
  readonly removal: Removal
}) {
  const [state, setState] = useState<'shown' | 'asking' | 'kept'>('shown')
  const asking = state === 'asking'
  return (
    <li className="key-card" data-asking={asking} data-foot={actions !== undefined}>
      {icon}
      <div className="key-copy">
        <h3>{asking ? removal.title : name}</h3>
        {asking ? <p>{removal.body}</p> : children}
      </div>
      <Actions>
        {asking ? (
          <>
            <Action initialFocus onPress={() => setState('kept')}>
              {removal.keep}
            </Action>
            <Action
              kind="caution"
              onPress={() => {
                setState('shown')
                removal.onConfirm()
              }}
            >
              {removal.confirm}
            </Action>
          </>
        ) : (
          <>
            {actions}
            <Action
              key="remove"
              kind="quiet"
              // Back where the question was asked.
              initialFocus={state === 'kept'}
              label={removal.named}
              onPress={() => setState('asking')}
            >
              {removal.action}
            </Action>
          </>
        )}
      </Actions>
    </li>
  )
}
