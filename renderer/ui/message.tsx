import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Status } from './status.tsx'

const icons = { info: Info, ok: CircleCheck, warn: TriangleAlert, danger: CircleAlert } as const

/** What happened and what to do next, in one calm box: colour, icon and words say the same. */
export function Message({
  tone,
  title,
  children,
}: {
  readonly tone: keyof typeof icons
  readonly title?: string
  readonly children?: ReactNode
}) {
  const Icon = icons[tone]
  return (
    <Status className={`message message-${tone}`}>
      <Icon aria-hidden="true" className="message-icon" />
      <div>
        {title !== undefined && <p className="message-title">{title}</p>}
        {children !== undefined && <p className="message-body">{children}</p>}
      </div>
    </Status>
  )
}
