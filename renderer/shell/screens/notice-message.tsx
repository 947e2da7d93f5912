import type { Notice } from '../../../preload/shown/notice.ts'
import { Message } from '../../ui/message.tsx'
import { useShell } from '../environment.tsx'

const calm: ReadonlySet<Notice['code']> = new Set([
  'signed-out',
  'session-over',
  'moved',
  'took-too-long',
])

/** The line of news on a locked screen: what happened, what to do next. */
export function NoticeMessage({ notice }: { readonly notice: Notice }) {
  const { t, time, snapshot } = useShell()
  const key =
    notice.code === 'session-over'
      ? (`notice.session-over.${notice.reason}` as const)
      : (`notice.${notice.code}` as const)
  const tone = notice.code === 'signed-out' ? 'ok' : calm.has(notice.code) ? 'info' : 'warn'
  const title =
    notice.code === 'moved'
      ? t('notice.moved', { where: notice.where, at: time.lately(notice.at, snapshot.now) })
      : t(key)
  return (
    <Message tone={tone} title={title}>
      {t(`${key}.next`)}
    </Message>
  )
}
