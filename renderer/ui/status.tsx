import type { ReactNode } from 'react'

/**
 * Words that a screen reader announces when they appear or change, without taking the focus. A
 * `div`, because `output` may hold no paragraphs.
 */
export function Status({
  children,
  className,
}: {
  readonly children: ReactNode
  readonly className: string
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- see above
    <div className={className} role="status">
      {children}
    </div>
  )
}
