import { Switch } from 'react-aria-components'

/** Something that is on or off; `help` says what turning it on entails. */
export function SwitchField({
  label,
  help,
  value,
  onChange,
}: {
  readonly label: string
  readonly help: string
  readonly value: boolean
  readonly onChange: (value: boolean) => void
}) {
  return (
    <Switch className="switch" isSelected={value} onChange={onChange}>
      <span className="switch-track" aria-hidden="true" />
      <span>
        {label}
        <span className="choice-body">{help}</span>
      </span>
    </Switch>
  )
}
