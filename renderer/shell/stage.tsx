import type { ReactNode } from 'react'
import { Art, type ArtKind, Logo } from '../ui/art.tsx'
import { useShell } from './environment.tsx'
import { SettingsMenu } from './settings-menu.tsx'
import { StatusPills } from './status-pills.tsx'
import { useNow } from './use-now.ts'

function Clock() {
  const { time } = useShell()
  const now = useNow(60_000)
  return (
    <div className="clock">
      <time className="clock-time" dateTime={new Date(now).toISOString()}>
        {time.time(now)}
      </time>
      <span className="clock-day">{time.day(now)}</span>
    </div>
  )
}

/**
 * The frame of every screen before and after a session: what to do on the left, a picture of it and
 * the state of the workstation on the right. `aside` takes the place of the picture.
 */
export function Stage({
  art,
  aside,
  dense = false,
  children,
}: {
  readonly art: ArtKind
  readonly aside?: ReactNode
  /** For forms: less air, because there is more to read. */
  readonly dense?: boolean
  readonly children: ReactNode
}) {
  const { snapshot, t } = useShell()
  return (
    <div className="stage" data-dense={dense} data-aside={aside !== undefined}>
      <header className="stage-brand">
        <Logo />
        <span>{t('product.name')}</span>
      </header>
      <main className="stage-main">
        <div className="stage-copy">{children}</div>
      </main>
      <div className="stage-panel">
        <section className="stage-status" aria-label={t('status.label')}>
          <StatusPills />
          <SettingsMenu />
        </section>
        <aside className="stage-side">
          {aside ?? (
            <>
              <Art kind={art} />
              <Clock />
            </>
          )}
        </aside>
      </div>
      <footer className="stage-foot">
        <span className="stage-workstation">{snapshot.workstation.name}</span>
        <span className="stage-place">{snapshot.workstation.place}</span>
      </footer>
    </div>
  )
}
