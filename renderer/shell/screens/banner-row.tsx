import { CircleCheck, Info, Siren, TriangleAlert } from 'lucide-react'
import type { Screen, SessionShown } from '../../../preload/contract.ts'
import { Action } from '../../ui/action.tsx'
import { countdown, secondsLeft } from '../../ui/format.ts'
import { useShell } from '../environment.tsx'
import { useNow } from '../use-now.ts'
import { Status } from '../../ui/status.tsx'

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
    <Status className="banner banner-ask">
      <Info aria-hidden="true" className="banner-icon" />
      <div className="banner-copy">
        <p className="banner-title">{t('banner.lock-now.title')}</p>
        <p aria-hidden="true">{t('banner.lock-now.body', { seconds: secondsLeft(until, now) })}</p>
      </div>
      <Action keyboard="enter" onPress={() => act('seat.lock', {})}>
        {t('banner.lock-now.lock')}
      </Action>
      <Action keyboard="escape" onPress={() => act('seat.stay', {})}>
        {t('banner.lock-now.stay')}
      </Action>
    </Status>
  )
}

const icons = {
  owner: Info,
  verified: CircleCheck,
  'badge-refused': TriangleAlert,
  'two-badges': TriangleAlert,
} as const

/** The 84 px below the bar: an emergency, or one piece of news, or both side by side. */
export function BannerRow({
  session,
  banner,
}: {
  readonly session: SessionShown
  readonly banner: Banner
}) {
  const { t } = useShell()
  const emergency = session.kind === 'fallback' || session.override !== null
  const Icon = banner === null || banner.code === 'lock-now' ? null : icons[banner.code]
  return (
    <div className="banner-row">
      {emergency && <Emergency session={session} />}
      {banner?.code === 'lock-now' && <LockNow until={banner.until} />}
      {banner !== null && banner.code !== 'lock-now' && (
        <Status className={`banner banner-${banner.code}`}>
          {Icon !== null && <Icon aria-hidden="true" className="banner-icon" />}
          <p className="banner-title">
            {t(`banner.${banner.code}`, { name: session.person.displayName })}
          </p>
        </Status>
      )}
    </div>
  )
}
