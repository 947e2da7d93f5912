import { type ReactNode, useEffect, useRef } from 'react'

/** The heading of a panel; takes the focus when it appears. The `h1` is the person in the bar. */
export function PanelTitle({ children }: { readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <h2 ref={heading} tabIndex={-1} className="headline headline-medium">
      {children}
    </h2>
  )
}
