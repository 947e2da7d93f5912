import { ClipboardCheck, Fingerprint, Timer, Users } from 'lucide-react'

const icons = {
  recorded: ClipboardCheck,
  limited: Timer,
  witness: Users,
  passkey: Fingerprint,
} as const

export interface Consequence {
  readonly kind: keyof typeof icons
  readonly title: string
  readonly body: string
}

/** What an emergency access entails, read before the form, not after. */
export function Consequences({
  label,
  items,
}: {
  readonly label: string
  readonly items: readonly Consequence[]
}) {
  return (
    <ul className="consequences" aria-label={label}>
      {items.map(({ kind, title, body }) => {
        const Icon = icons[kind]
        return (
          <li key={kind}>
            <Icon aria-hidden="true" />
            <div>
              <p className="consequence-title">{title}</p>
              <p>{body}</p>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
