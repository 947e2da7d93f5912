import { FieldError, Label, Text, TextArea, TextField } from 'react-aria-components'

/** Bounds of a free-text reason, as the contract has them. */
export const noteLength = { min: 10, max: 500 } as const

export const isNote = (note: string) => {
  const { length } = note.trim()
  return length >= noteLength.min && length <= noteLength.max
}

/** A free text that has to say something; the counter tells how much is missing. */
export function NoteField({
  label,
  help,
  value,
  onChange,
  error,
  counter,
}: {
  readonly label: string
  readonly help: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** null: nothing to complain about (yet). */
  readonly error: string | null
  readonly counter: string
}) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      maxLength={noteLength.max}
      isInvalid={error !== null}
    >
      <Label className="field-label">{label}</Label>
      <TextArea className="field-input" rows={3} />
      <div className="field-foot">
        <Text slot="description">{help}</Text>
        <span className="field-counter" data-enough={isNote(value)}>
          {counter}
        </span>
      </div>
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  )
}
