import type { Screen } from '../../../preload/shown/screen.ts'
import { Headline } from '../../ui/headline.tsx'
import { PersonMark } from '../../ui/person-mark.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'
import { NoticeMessage } from './notice-message.tsx'
import { WaysIn } from './ways-in.tsx'

/** The shield: somebody's work is kept behind it; the owner and others each read what a tap does. */
export function ShieldedScreen({ screen }: { readonly screen: Screen & { name: 'shielded' } }) {
  const { t, time } = useShell()
  const { owner, since, graceUntil, notice } = screen
  const name = owner.label
  return (
    <Stage art="shield">
      <PersonMark person={owner} size="large" />
      <Headline>{t('shielded.title', { name })}</Headline>
      <p className="lead">
        {t('shielded.since', { since: time.time(since) })}{' '}
        <strong>
          {graceUntil === null
            ? t('shielded.passkeyNeeded')
            : t('shielded.tapEnough', { until: time.time(graceUntil) })}
        </strong>
      </p>
      {notice === null ? (
        <p className="hint">{t('shielded.others', { name })}</p>
      ) : (
        <NoticeMessage notice={notice} />
      )}
      <WaysIn />
    </Stage>
  )
}
