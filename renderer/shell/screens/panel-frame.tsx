import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Action } from '../../ui/action.tsx'
import { useShell } from '../environment.tsx'

/** A panel in one's own workspace, with its way back. `wide`: for a table. */
export function PanelFrame({
  wide = false,
  children,
}: {
  readonly wide?: boolean
  readonly children: ReactNode
}) {
  const { t, act } = useShell()
  return (
    <div className="panel-room">
      <section className="panel" data-wide={wide}>
        <div className="panel-close">
          <Action
            kind="quiet"
            keyboard="escape"
            icon={<X aria-hidden="true" />}
            onPress={() => act('seat.back', {})}
          >
            {t('action.close')}
          </Action>
        </div>
        {children}
      </section>
    </div>
  )
}
