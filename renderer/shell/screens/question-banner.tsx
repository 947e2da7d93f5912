import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Status } from '../../ui/status.tsx'

/**
 * News with one or two answers, in the row below the bar. `keepsWords`: on a narrow row the answers
 * mean nothing without the sentence, so it stays above them.
 */
export function QuestionBanner({
  icon: Icon,
  tone,
  title,
  body,
  keepsWords = false,
  children,
}: {
  readonly icon: LucideIcon
  readonly tone: 'info' | 'warn'
  readonly title: string
  readonly body?: ReactNode
  readonly keepsWords?: boolean
  readonly children: ReactNode
}) {
  return (
    <Status className={`banner banner-ask banner-ask-${tone}`}>
      <div className="question" data-words={keepsWords}>
        <Icon aria-hidden="true" className="banner-icon" />
        <div className="banner-copy">
          <p className="banner-title">{title}</p> {body}
        </div>
        <div className="question-answers">{children}</div>
      </div>
    </Status>
  )
}
