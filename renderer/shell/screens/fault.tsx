import { Copy } from 'lucide-react'
import { useRef, useState } from 'react'
import type { Screen } from '../../../preload/shown/screen.ts'
import { Action } from '../../ui/action.tsx'
import { Headline } from '../../ui/headline.tsx'
import { useShell } from '../environment.tsx'
import { Stage } from '../stage.tsx'

/** Nothing works here before somebody fixes the cause: what, who, and the code for them. */
export function FaultScreen({ screen }: { readonly screen: Screen & { name: 'fault' } }) {
  const { t } = useShell()
  const [copied, setCopied] = useState(false)
  const text = useRef<HTMLParagraphElement>(null)
  const { code, reference } = screen
  const copy = () => {
    navigator.clipboard.writeText(`${code} ${reference}`).then(
      () => setCopied(true),
      // Not allowed to write the clipboard: mark the text, so that Ctrl+C does it.
      () => text.current !== null && getSelection()?.selectAllChildren(text.current),
    )
  }
  return (
    <Stage art="help">
      <p className="eyebrow">{t('fault.headline')}</p>
      <Headline>{t(`fault.${code}.title`)}</Headline>
      <p className="lead">{t(`fault.${code}.body`)}</p>
      <p className="lead">
        <strong>{t('fault.action')}</strong>
      </p>
      <div className="reference">
        <p className="small" ref={text}>
          {t('fault.code', { code })} · {t('fault.reference', { reference })}
        </p>
        <Action kind="quiet" icon={<Copy aria-hidden="true" />} onPress={copy}>
          {copied ? t('fault.copied') : t('fault.copy')}
        </Action>
      </div>
    </Stage>
  )
}
