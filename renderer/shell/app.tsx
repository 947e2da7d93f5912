import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { useSyncExternalStore } from 'react'
import { I18nProvider } from 'react-aria-components'
import type { CallInput, CallName, RefusalCode } from '../../preload/contract.ts'
import type { Screen } from '../../preload/shown/screen.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { createTimeFormat } from '../ui/format.ts'
import { createTranslate, languageTag } from '../ui/strings/translate.ts'
import { type Environment, type Shell, ShellContext } from './environment.tsx'
import { Refusal } from './refusal.tsx'
import { reportActivity } from './report-activity.ts'
import { ActiveScreen } from './screens/active.tsx'
import { EnrollingScreen } from './screens/enrolling.tsx'
import { FallbackScreen } from './screens/fallback.tsx'
import { FaultScreen } from './screens/fault.tsx'
import { IdentifyingScreen } from './screens/identifying.tsx'
import { LockedScreen } from './screens/locked.tsx'
import { OpeningScreen } from './screens/opening.tsx'
import { ShieldedScreen } from './screens/shielded.tsx'
import { SigningOutScreen } from './screens/signing-out.tsx'
import { StartingScreen } from './screens/starting.tsx'
import { VerifyingScreen } from './screens/verifying.tsx'
import { WarningScreen } from './screens/warning.tsx'
import type { SnapshotStore } from './snapshot-store.ts'
import { useCeremonies } from './use-ceremony.ts'
import { useShortcuts } from './use-shortcuts.ts'

function screenOf(screen: Screen): ReactNode {
  switch (screen.name) {
    case 'starting':
      return <StartingScreen />
    case 'locked':
      return <LockedScreen screen={screen} />
    case 'identifying':
      return <IdentifyingScreen screen={screen} />
    case 'verifying':
      return <VerifyingScreen screen={screen} />
    case 'opening':
      return <OpeningScreen screen={screen} />
    case 'active':
      return <ActiveScreen screen={screen} />
    case 'warning':
      return <WarningScreen screen={screen} />
    case 'shielded':
      return <ShieldedScreen screen={screen} />
    case 'signing-out':
      return <SigningOutScreen screen={screen} />
    case 'fallback':
      return <FallbackScreen stage={screen.stage} />
    case 'enrolling':
      return <EnrollingScreen enrolment={screen.enrolment} />
    case 'fault':
      return <FaultScreen screen={screen} />
  }
}

/** Titles name no person and no patient: the task switcher shows them to everybody. */
function titleKey(screen: Screen) {
  if (screen.name === 'active' || screen.name === 'warning') return 'window.workspace'
  if (screen.name === 'locked' || screen.name === 'shielded') return 'window.locked'
  return 'window.signIn'
}

/** Tells main when this version is on the glass: the second frame after the commit has been shown. */
function usePainted(environment: Environment, version: number): void {
  const { bridge } = environment
  useLayoutEffect(() => {
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        void bridge.call('shell.painted', { version })
      })
    })
  }, [bridge, version])
}

function Painted({
  environment,
  snapshot,
}: {
  readonly environment: Environment
  readonly snapshot: Snapshot
}) {
  const { bridge } = environment
  const { locale, theme, screen } = snapshot
  const [refusal, setRefusal] = useState<RefusalCode | null>(null)
  const t = useMemo(() => createTranslate(locale), [locale])
  const time = useMemo(() => createTimeFormat(locale), [locale])
  const act = useCallback(
    async <C extends CallName>(name: C, input: CallInput<C>) => {
      const answer = await bridge.call(name, input)
      // A second press on what the first has done already needs no words.
      setRefusal(answer.ok || answer.code === 'not-now' ? null : answer.code)
    },
    [bridge],
  )
  const shell = useMemo<Shell>(
    () => ({ ...environment, snapshot, t, time, act: (name, input) => void act(name, input) }),
    [environment, snapshot, t, time, act],
  )
  const lock = useCallback(() => void act('seat.lock', {}), [act])

  useShortcuts(lock)
  useCeremonies(environment.ceremonies, snapshot)
  usePainted(environment, snapshot.version)
  useLayoutEffect(() => {
    document.documentElement.lang = locale
    document.documentElement.dataset.theme = theme
    document.title = t(titleKey(screen))
  }, [locale, theme, screen, t])
  useEffect(
    () =>
      reportActivity({
        target: window,
        report: () => void bridge.call('shell.activity', {}),
        clock: () => performance.now(),
      }),
    [bridge],
  )

  return (
    <I18nProvider locale={languageTag(locale)}>
      <ShellContext value={shell}>
        <div className="screen" key={screen.name}>
          {screenOf(screen)}
        </div>
        <Refusal code={refusal} onDone={() => setRefusal(null)} />
      </ShellContext>
    </I18nProvider>
  )
}

/** The shell: paints the newest snapshot and nothing of its own. Empty until the first one. */
export function App({
  environment,
  store,
}: {
  readonly environment: Environment
  readonly store: SnapshotStore
}) {
  const snapshot = useSyncExternalStore(store.subscribe, store.current)
  return snapshot === null ? null : <Painted environment={environment} snapshot={snapshot} />
}
