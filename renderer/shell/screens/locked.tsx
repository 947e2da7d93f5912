import type { Screen } from '../../../preload/shown/screen.ts'
import { Headline } from '../../ui/headline.tsx'
import { Message } from '../../ui/message.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { NoticeMessage } from './notice-message.tsx'
import { WaysIn } from './ways-in.tsx'

/** Ready for a tap. What stands in the way of one comes first: no service, then no reader. */
export function LockedScreen({ screen }: { readonly screen: Screen & { name: 'locked' } }) {
  const { t, time, snapshot } = useShell()
  const { authority, reader } = snapshot
  const down = authority.state === 'offline' || authority.state === 'failed'
  const noReader = reader !== 'ready' && reader !== 'starting'
  const since = time.time(authority.since)
  const alone = authority.alone ?? null
  return (
    <Stage art={down || noReader ? 'help' : 'tap'}>
      {down ? (
        <>
          <Headline key="down">{t(`locked.${authority.state}.title`)}</Headline>
          <p className="lead">{t(`locked.${authority.state}.body`, { since })}</p>
        </>
      ) : noReader ? (
        <>
          <Headline key={reader}>{t(`locked.noReader.${reader}.title`)}</Headline>
          <p className="lead">{t(`locked.noReader.${reader}.body`)}</p>
        </>
      ) : (
        <>
          <Headline key="ready">{t('locked.title')}</Headline>
          <p className="lead">{t('locked.body')}</p>
        </>
      )}
      {!down && alone !== null && (
        <Message tone="warn">
          {t(alone.over ? 'locked.alone.over' : 'locked.alone', {
            since: time.lately(alone.since, snapshot.now),
            until: time.lately(alone.until, snapshot.now),
          })}
        </Message>
      )}
      {screen.notice !== null && <NoticeMessage notice={screen.notice} />}
      {screen.notice === null && screen.waiting > 0 && !down && (
        <Message tone="info">{t('locked.waiting', { count: screen.waiting })}</Message>
      )}
      {!down && <WaysIn lead={noReader} />}
    </Stage>
  )
}
