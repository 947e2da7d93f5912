import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { Status } from './status.tsx'

/** A named step under way, read out when it changes. */
export function Progress({ children }: { readonly children: ReactNode }) {
  return (
    <Status className="progress">
      <LoaderCircle aria-hidden="true" className="progress-icon" />
      <span>{children}</span>
    </Status>
  )
}
