import { useEffect } from 'react'
import type { RefusalCode } from '../../preload/contract.ts'
import { Message } from '../ui/message.tsx'
import { useShell } from './environment.tsx'

/** Long enough to be read twice. */
const shown = 8000

/** A refused action, in words, at the foot of the screen. */
export function Refusal({
  code,
  onDone,
}: {
  readonly code: RefusalCode | null
  readonly onDone: () => void
}) {
  const { t } = useShell()
  useEffect(() => {
    if (code === null) return
    const timer = setTimeout(onDone, shown)
    return () => clearTimeout(timer)
  }, [code, onDone])
  return (
    <div className="refusal">
      {code !== null && <Message tone="warn">{t(`refusal.${code}`)}</Message>}
    </div>
  )
}
