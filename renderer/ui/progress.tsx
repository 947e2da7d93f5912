import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'

/** A named step under way, read out when it changes. */
export function Progress({ children }: { readonly children: ReactNode }) {
  return (
    <p className="progress" role="status">
      <LoaderCircle aria-hidden="true" className="progress-icon" />
      <span>{children}</span>
    </p>
  )
}
