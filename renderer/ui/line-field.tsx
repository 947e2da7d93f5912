import { FieldError, Input, Label, Text, TextField } from 'react-aria-components'

/** One line of text. `code`: widely spaced capitals, for what is read off a slip of paper. */
export function LineField({
  label,
  help,
  value,
  onChange,
  error,
  maxLength,
  code = false,
}: {
  readonly label: string
  readonly help?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: string | null
  readonly maxLength: number
  readonly code?: boolean
}) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      maxLength={maxLength}
      isInvalid={error !== null}
      autoComplete="off"
      spellCheck="false"
    >
      <Label className="field-label">{label}</Label>
      <Input className={code ? 'field-input field-code' : 'field-input'} />
      {help !== undefined && (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  )
}
