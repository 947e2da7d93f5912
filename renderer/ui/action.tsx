import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'

/**
 * A button. `primary` and `danger` are 76 px high (20 mm, a gloved finger), one of them on a screen
 * at most; `secondary` and `quiet` are smaller ways on. `keyboard` names the key that presses it.
 */
export function Action({
  children,
  onPress,
  kind = 'secondary',
  icon,
  keyboard,
  initialFocus = false,
  pending = false,
  label,
  submit = false,
}: {
  readonly children: ReactNode
  readonly onPress?: () => void
  readonly kind?: 'primary' | 'danger' | 'secondary' | 'caution' | 'quiet'
  readonly icon?: ReactNode
  readonly keyboard?: 'enter' | 'escape'
  /** The safe answer to a question that has just come up. */
  readonly initialFocus?: boolean
  readonly pending?: boolean
  /** For a screen reader, where the visible words need their context. */
  readonly label?: string
  readonly submit?: boolean
}) {
  return (
    <Button
      className={`action action-${kind}`}
      type={submit ? 'submit' : 'button'}
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog has to take the focus
      autoFocus={initialFocus}
      isPending={pending}
      {...(onPress === undefined ? {} : { onPress })}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(keyboard === undefined ? {} : { 'data-key': keyboard })}
    >
      {icon}
      <span>{children}</span>
    </Button>
  )
}

/** Actions side by side, 12 px apart; on a narrow screen one below the other. */
export function Actions({
  children,
  foot = false,
}: {
  readonly children: ReactNode
  /** At the foot of a long form: stays in sight. */
  readonly foot?: boolean
}) {
  return <div className={foot ? 'actions form-foot' : 'actions'}>{children}</div>
}
