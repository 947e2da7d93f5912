import { CircleCheck, Info, MapPin, Siren, TriangleAlert } from 'lucide-react'
import type { Screen } from '../../../preload/shown/screen.ts'
import type { SessionShown } from '../../../preload/shown/session.ts'
import { Action } from '../../ui/action.tsx'
import { countdown, secondsLeft } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { useShell } from '../environment.tsx'
import { useNow } from '../use-now.ts'
import { AccountNews } from './account-news.tsx'
import { QuestionBanner } from './question-banner.tsx'

type Banner = (Screen & { name: 'active' })['banner']

/** Word, patient or witness, remaining time and the end: always there during an emergency. */
function Emergency({ session }: { readonly session: SessionShown }) {
  const { t, act } = useShell()
  const now = useNow(1000)
  const { override, witness } = session
  const word = override === null ? t('emergency.fallback') : t('emergency.override')
  return (
    <section className="emergency" aria-label={word}>
      <Siren aria-hidden="true" className="emergency-icon" />
      <div className="emergency-copy">
        <p className="emergency-word">{word}</p>
        <p className="emergency-body">
          {override !== null
            ? t('emergency.override.body', { patient: override.patient })
            : witness === null
              ? t('emergency.fallback.bodyAlone')
              : t('emergency.fallback.body', { witness })}
        </p>
      </div>
      <p className="emergency-left numbers">
        {t('emergency.left', { time: countdown(override?.endsAt ?? session.endsAt, now) })}
      </p>
      {override === null ? (
        <Action onPress={() => act('seat.signOut', {})}>{t('emergency.fallback.end')}</Action>
      ) : (
        <Action onPress={() => act('override.end', {})}>{t('emergency.override.end')}</Action>
      )}
    </section>
  )
}

/** The owner tapped: 5 s to say "lock"; saying nothing goes on. */
function LockNow({ until }: { readonly until: number }) {
  const { t, act } = useShell()
  const now = useNow(1000)
  return (
    <QuestionBanner
      icon={Info}
      tone="info"
      title={t('banner.lock-now.title')}
      body={
        <p aria-hidden="true">{t('banner.lock-now.body', { seconds: secondsLeft(until, now) })}</p>
      }
    >
      <Action keyboard="enter" onPress={() => act('seat.lock', {})}>
        {t('banner.lock-now.lock')}
      </Action>
      <Action keyboard="escape" onPress={() => act('seat.stay', {})}>
        {t('banner.lock-now.stay')}
      </Action>
    </QuestionBanner>
  )
}

/** The badge that was just refused; the owner of the session can make it their own. */
function AddRefused() {
  const { t, act } = useShell()
  return (
    <QuestionBanner icon={TriangleAlert} tone="warn" title={t('banner.badge-refused')}>
      <Action onPress={() => act('badges.add', { sameCard: null })}>{t('banner.addBadge')}</Action>
      {/* Not `seat.back`, which would close a panel below it. */}
      <Action onPress={() => act('seat.stay', {})}>{t('banner.dismiss')}</Action>
    </QuestionBanner>
  )
}

const icons = {
  owner: Info,
  verified: CircleCheck,
  continued: MapPin,
  'badge-refused': TriangleAlert,
  'two-badges': TriangleAlert,
} as const

function News({
  session,
  banner,
}: {
  readonly session: SessionShown
  readonly banner: NonNullable<Banner>
}) {
  const { t, time, snapshot } = useShell()
  const { notices, person } = session
  const [notice] = notices
  if (banner.code === 'lock-now') return <LockNow until={banner.until} />
  if (banner.code === 'badge-refused' && banner.mayAdd) return <AddRefused />
  if (banner.code === 'notice')
    return notice === undefined ? null : (
      <AccountNews key={notice.noticeId} notice={notice} more={notices.length - 1} />
    )
  const Icon = icons[banner.code]
  const words =
    banner.code === 'continued'
      ? { where: banner.where, at: time.lately(banner.at, snapshot.now) }
      : { name: person.displayName }
  return (
    <Status className={`banner banner-${banner.code}`}>
      <Icon aria-hidden="true" className="banner-icon" />
      <p className="banner-title">{t(`banner.${banner.code}`, words)}</p>
    </Status>
  )
}

/** The 84 px below the bar: an emergency, or one piece of news, or both side by side. */
export function BannerRow({
  session,
  banner,
}: {
  readonly session: SessionShown
  readonly banner: Banner
}) {
  const emergency = session.kind === 'fallback' || session.override !== null
  return (
    <div className="banner-row">
      {emergency && <Emergency session={session} />}
      {banner !== null && <News session={session} banner={banner} />}
    </div>
  )
}
