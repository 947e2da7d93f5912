import type { Screen } from '../../../preload/shown/screen.ts'
import { useShell } from '../environment.tsx'
import { ApplicationBackdrop } from './application-backdrop.tsx'
import { BadgeEnrolmentPanel } from './badge-enrolment-panel.tsx'
import { BadgesPanel } from './badges-panel.tsx'
import { BannerRow } from './banner-row.tsx'
import { EnrolmentPanel } from './enrolment-panel.tsx'
import { OverridePanel } from './override-panel.tsx'
import { PasskeysPanel } from './passkeys-panel.tsx'
import { ReadersPanel } from './readers-panel.tsx'
import { ReviewsPanel } from './reviews-panel.tsx'
import { WorkspaceBar } from './workspace-bar.tsx'

type Active = Screen & { name: 'active' }

function Below({ screen }: { readonly screen: Active }) {
  const { panel } = screen
  switch (panel?.name) {
    case undefined:
      return <ApplicationBackdrop applications={screen.applications} />
    case 'override':
      return <OverridePanel panel={panel} />
    case 'passkeys':
      return <PasskeysPanel panel={panel} />
    case 'enrolment':
      return <EnrolmentPanel panel={panel} />
    case 'badges':
      return <BadgesPanel panel={panel} />
    case 'badge-enrolment':
      return <BadgeEnrolmentPanel panel={panel} />
    case 'readers':
      return <ReadersPanel panel={panel} />
    case 'reviews':
      return <ReviewsPanel panel={panel} />
  }
}

/** A session: the bar, a row of news below it, and room for the applications or one panel. */
export function ActiveScreen({ screen }: { readonly screen: Active }) {
  const { t } = useShell()
  const { session, banner } = screen
  const emergency = session.kind === 'fallback' || session.override !== null
  return (
    <div className="workspace" data-emergency={emergency} data-row={emergency || banner !== null}>
      <WorkspaceBar screen={screen} />
      {(emergency || banner !== null) && <BannerRow session={session} banner={banner} />}
      <main className="workspace-main" aria-label={t('bar.label')}>
        <Below screen={screen} />
      </main>
      {emergency && <div className="workspace-frame" aria-hidden="true" />}
    </div>
  )
}
