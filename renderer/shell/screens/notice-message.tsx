import type { Notice } from '../../../preload/contract.ts'
import { Message } from '../../ui/message.tsx'
import { useShell } from '../environment.tsx'

const calm: ReadonlySet<Notice['code']> = new Set(['signed-out', 'session-over', 'took-too-long'])

/** The line of news on a locked screen: what happened, what to do next. */
export function NoticeMessage({ notice }: { readonly notice: Notice }) {
  const { t } = useShell()
  const key =
    notice.code === 'session-over'
      ? (`notice.session-over.${notice.reason}` as const)
      : (`notice.${notice.code}` as const)
  const tone = notice.code === 'signed-out' ? 'ok' : calm.has(notice.code) ? 'info' : 'warn'
  return (
    <Message tone={tone} title={t(key)}>
      {t(`${key}.next`)}
    </Message>
  )
}
