import { type ReactNode, useEffect, useRef } from 'react'

/**
 * The one `h1` of a screen. It takes the focus when it appears, so that a screen reader starts
 * there; give it a `key` that changes with what it says.
 */
export function Headline({
  children,
  size = 'large',
  focus = true,
}: {
  readonly children: ReactNode
  readonly size?: 'large' | 'medium'
  readonly focus?: boolean
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (focus) heading.current?.focus({ preventScroll: true })
  }, [focus])
  return (
    <h1 ref={heading} tabIndex={-1} className={`headline headline-${size}`}>
      {children}
    </h1>
  )
}
