import { Check } from 'lucide-react'

export interface Step {
  readonly label: string
  readonly state: 'done' | 'current' | 'next'
}

/** Where one is in a short sequence; number, mark and word, so that colour is never alone. */
export function Steps({
  steps,
  label,
  done,
  current,
}: {
  readonly steps: readonly Step[]
  readonly label: string
  /** Words for a screen reader after a step's name. */
  readonly done: string
  readonly current: string
}) {
  return (
    <ol className="steps" aria-label={label}>
      {steps.map((step, index) => (
        <li
          key={step.label}
          data-state={step.state}
          aria-current={step.state === 'current' ? 'step' : undefined}
        >
          <span className="steps-dot" aria-hidden="true">
            {step.state === 'done' ? <Check /> : index + 1}
          </span>
          <span>
            {step.label}
            {step.state !== 'next' && (
              <span className="unseen">, {step.state === 'done' ? done : current}</span>
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}
