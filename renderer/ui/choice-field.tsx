import { FieldError, Label, Radio, RadioGroup } from 'react-aria-components'

export interface Choice<T extends string> {
  readonly id: T
  readonly label: string
  readonly body?: string
}

/** One of a few reasons, all visible, each a target for a gloved finger. */
export function ChoiceField<T extends string>({
  label,
  choices,
  value,
  onChange,
  error,
}: {
  readonly label: string
  readonly choices: readonly Choice<T>[]
  readonly value: T | null
  readonly onChange: (value: T) => void
  readonly error: string | null
}) {
  return (
    <RadioGroup
      className="field"
      value={value}
      onChange={(id) => {
        const choice = choices.find((c) => c.id === id)
        if (choice !== undefined) onChange(choice.id)
      }}
      isInvalid={error !== null}
    >
      <Label className="field-label">{label}</Label>
      <div className="choices">
        {choices.map((choice) => (
          <Radio key={choice.id} value={choice.id} className="choice">
            <span className="choice-dot" aria-hidden="true" />
            <span>
              {choice.label}
              {choice.body !== undefined && <span className="choice-body">{choice.body}</span>}
            </span>
          </Radio>
        ))}
      </div>
      <FieldError className="field-error">{error}</FieldError>
    </RadioGroup>
  )
}
