import type { ApplicationShown } from '../../../preload/shown/session.ts'
import { Action } from '../../ui/action.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { offlineSince } from '../offline-since.ts'
import { applicationIcons } from './workspace-bar.tsx'
import { Status } from '../../ui/status.tsx'

function Tile({ application }: { readonly application: ApplicationShown }) {
  const { snapshot, t, act } = useShell()
  const isOffline = offlineSince(snapshot.authority) !== null
  const { id, name, kind, state } = application
  const Icon = applicationIcons[kind]
  return (
    <section className="tile" data-state={state} aria-label={name}>
      <Icon aria-hidden="true" className="tile-icon" />
      <h2>{name}</h2>
      {state === 'opening' && <Progress>{t('application.opening.body', { name })}</Progress>}
      {state === 'ready' && <p className="hint">{t('application.ready')}</p>}
      {state === 'failed' && (
        <>
          <Status className="hint">
            {t(isOffline ? 'application.failed.offline' : 'application.failed.body', { name })}
          </Status>
          <Action onPress={() => act('application.reload', { application: id })}>
            {t('application.reload')}
          </Action>
        </>
      )}
    </section>
  )
}

/** What lies under the application views: seen while they open, and when one does not. */
export function ApplicationBackdrop({
  applications,
}: {
  readonly applications: readonly ApplicationShown[]
}) {
  return (
    <div className="backdrop">
      {applications.map((application) => (
        <Tile key={application.id} application={application} />
      ))}
    </div>
  )
}
