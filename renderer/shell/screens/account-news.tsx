import { Bell } from 'lucide-react'
import type { NoticeShown } from '../../../preload/shown/session.ts'
import { Action } from '../../ui/action.tsx'
import { useShell } from '../environment.tsx'
import { QuestionBanner } from './question-banner.tsx'

/** Disputing these takes back what was added, or has it looked at; the others tell what is over. */
const disputable: ReadonlySet<NoticeShown['kind']> = new Set([
  'badge-added',
  'passkey-added',
  'vouched-for',
])

/** What happened to one's own badges and passkeys, and whether one did it oneself (R16). */
export function AccountNews({
  notice,
  more,
}: {
  readonly notice: NoticeShown
  /** How many wait behind it. */
  readonly more: number
}) {
  const { t, act, time, snapshot } = useShell()
  const { noticeId, kind, at, where } = notice
  const answer = (said: 'seen' | 'disputed') => act('notice.answer', { noticeId, answer: said })
  return (
    <QuestionBanner
      icon={Bell}
      tone="info"
      title={t(`news.${kind}`, { at: time.lately(at, snapshot.now), where })}
      body={
        <p>
          {t(`news.${kind}.next`)}{' '}
          {more > 0 && <span className="question-more">{t('news.more', { count: more })}</span>}
        </p>
      }
      keepsWords
    >
      {disputable.has(kind) ? (
        <>
          <Action onPress={() => answer('seen')}>{t('news.mine')}</Action>
          <Action onPress={() => answer('disputed')}>{t('news.notMine')}</Action>
        </>
      ) : (
        <Action onPress={() => answer('seen')}>{t('news.seen')}</Action>
      )}
    </QuestionBanner>
  )
}
