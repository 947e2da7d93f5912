import { useEffect, useState } from 'react'
import type { Screen } from '../../../preload/shown/screen.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { secondsLeft } from '../../ui/format.ts'
import { PersonMark } from '../../ui/person-mark.tsx'
import { useShell } from '../environment.tsx'
import { useNow } from '../use-now.ts'

/** Keys that move about or belong to a shortcut do not answer the question. */
const silent: ReadonlySet<string> = new Set(['Tab', 'Shift', 'Control', 'Alt', 'Meta', 'AltGraph'])

/** Any other key, or a touch beside the buttons, means "I am here". */
function useAnyInput(stay: () => void): void {
  useEffect(() => {
    const isButton = (event: Event) =>
      event.target instanceof Element && event.target.closest('button') !== null
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || silent.has(event.key) || isButton(event)) return
      stay()
    }
    const onPointer = (event: PointerEvent) => {
      if (!isButton(event)) stay()
    }
    window.addEventListener('keydown', onKey)
    window.addEventListener('pointerdown', onPointer)
    return () => {
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('pointerdown', onPointer)
    }
  }, [stay])
}

/** Walk-away warning: the remaining seconds in digits that are read at 3 m, and how to stay. */
export function WarningScreen({ screen }: { readonly screen: Screen & { name: 'warning' } }) {
  const { t, act } = useShell()
  const now = useNow(1000)
  const seconds = secondsLeft(screen.until, now)
  // The name of the dialog stays, or a screen reader would read it again each second.
  const [announced] = useState(seconds)
  const stay = () => act('seat.stay', {})
  useAnyInput(stay)
  return (
    <main className="warning">
      <div
        className="warning-card"
        role="alertdialog"
        aria-modal="true"
        aria-labelledby="warning-title"
        aria-describedby="warning-body"
      >
        <p className="who">
          <PersonMark person={screen.session.person} />
          <span>{screen.session.person.label}</span>
        </p>
        <h1 id="warning-title" className="warning-title">
          <span className="unseen">{t('warning.title', { seconds: announced })}</span>
          <span aria-hidden="true">{t('warning.headline')}</span>
        </h1>
        <p className="warning-count" aria-hidden="true">
          <span className="warning-digits">{seconds}</span>
          <span className="warning-unit">{t('warning.unit', { seconds })}</span>
        </p>
        <p id="warning-body" className="lead">
          {t('warning.body')}
        </p>
        <Actions>
          <Action kind="primary" initialFocus keyboard="enter" onPress={stay}>
            {t('warning.stay')}
          </Action>
          <Action onPress={() => act('seat.lock', {})}>{t('warning.lock')}</Action>
        </Actions>
        <p className="hint">{t('warning.hint')}</p>
      </div>
    </main>
  )
}
