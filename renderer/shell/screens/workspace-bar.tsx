import {
  Activity,
  AppWindow,
  CircleAlert,
  CloudOff,
  Lock,
  LoaderCircle,
  type LucideIcon,
  ScanLine,
  Siren,
} from 'lucide-react'
import type { ApplicationShown, SessionShown } from '../../../preload/shown/session.ts'
import type { Screen } from '../../../preload/shown/screen.ts'
import { Action } from '../../ui/action.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { Status } from '../../ui/status.tsx'
import { useShell } from '../environment.tsx'
import { offlineSince } from '../offline-since.ts'
import { useNarrow } from '../use-narrow.ts'
import { AccountMenu } from './account-menu.tsx'

export const applicationIcons: Readonly<Record<ApplicationShown['kind'], LucideIcon>> = {
  ehr: Activity,
  imaging: ScanLine,
  other: AppWindow,
}

/** How and when this person was confirmed, and how long a tap is enough. */
function Assurance({ session }: { readonly session: SessionShown }) {
  const { t, time } = useShell()
  const { verifiedAt, tapGraceUntil, aal, witness } = session
  const at = time.time(verifiedAt)
  if (session.kind === 'fallback' && witness !== null)
    return <span>{t('bar.vouched', { witness, at })}</span>
  return (
    <span>
      {tapGraceUntil > verifiedAt
        ? t('bar.verified', { at, aal, until: time.time(tapGraceUntil) })
        : t('bar.verifiedNoGrace', { at, aal })}
    </span>
  )
}

function Applications({ applications }: { readonly applications: readonly ApplicationShown[] }) {
  const { t, act } = useShell()
  const labels = { opening: 'application.openingLabel', failed: 'application.failedLabel' } as const
  return (
    <nav className="tabs" aria-label={t('bar.applications')}>
      {applications.map(({ id, name, kind, state, focused }) => {
        const Icon = applicationIcons[kind]
        return (
          <button
            key={id}
            type="button"
            className="tab"
            aria-current={focused ? 'true' : undefined}
            aria-label={state === 'ready' ? undefined : t(labels[state], { name })}
            onClick={() => act('application.focus', { application: id })}
          >
            {state === 'opening' ? (
              <LoaderCircle aria-hidden="true" className="turning" />
            ) : state === 'failed' ? (
              <CircleAlert aria-hidden="true" className="tab-failed" />
            ) : (
              <Icon aria-hidden="true" />
            )}
            <span>{name}</span>
          </button>
        )
      })}
    </nav>
  )
}

/** While the authority does not answer, whoever works here knows it, and since when. */
function OfflineSince() {
  const { snapshot, t, time } = useShell()
  const since = offlineSince(snapshot.authority)
  if (since === null) return null
  return (
    <Status className="bar-offline">
      <CloudOff aria-hidden="true" />
      {t('network.offline', { since: time.time(since) })}
    </Status>
  )
}

/** 88 px that are always there: who is signed in and how surely, what is open, and how to lock. */
export function WorkspaceBar({ screen }: { readonly screen: Screen & { name: 'active' } }) {
  const { t, act } = useShell()
  const narrow = useNarrow()
  const { session, applications } = screen
  const { person } = session
  const mayBreakGlass = session.override === null && session.kind === 'standard'
  return (
    <header className="bar">
      <PersonMark person={person} />
      <div className="bar-person">
        <h1 className="bar-name">
          <span className="unseen">{t('bar.signedIn')} </span>
          {person.displayName}
        </h1>
        <p className="bar-detail">
          <span className="bar-role">{t(`role.${person.role}`)}</span>
          <Assurance session={session} />
        </p>
        <OfflineSince />
      </div>
      {!narrow && <Applications applications={applications} />}
      <div className="bar-actions">
        {!narrow && mayBreakGlass && (
          <Action
            kind="caution"
            icon={<Siren aria-hidden="true" />}
            onPress={() => act('override.open', {})}
          >
            {t('bar.breakGlass')}
          </Action>
        )}
        <AccountMenu
          session={session}
          applications={narrow ? applications : []}
          breakGlass={narrow && mayBreakGlass}
        />
        <Action
          kind="primary"
          icon={<Lock aria-hidden="true" />}
          onPress={() => act('seat.lock', {})}
        >
          {t('bar.lock')}
        </Action>
      </div>
    </header>
  )
}
