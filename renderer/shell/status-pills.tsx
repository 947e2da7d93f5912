import { CircleCheck, CloudOff, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useShell } from './environment.tsx'

function Pill({
  state,
  icon,
  children,
}: {
  readonly state: 'ok' | 'busy' | 'problem'
  readonly icon: ReactNode
  readonly children: ReactNode
}) {
  return (
    <li className={`pill pill-${state}`}>
      {icon}
      <span>{children}</span>
    </li>
  )
}

const ok = <CircleCheck aria-hidden="true" />
const busy = <LoaderCircle aria-hidden="true" className="turning" />
const problem = <TriangleAlert aria-hidden="true" />

/** Reader and sign-in service, each as icon and word. */
export function StatusPills() {
  const { snapshot, t, time } = useShell()
  const { reader, authority, workstation } = snapshot
  const readerState = reader === 'ready' ? 'ok' : reader === 'starting' ? 'busy' : 'problem'
  const alone = authority.alone ?? null
  const network = authority.state === 'online' && alone !== null ? 'offline' : authority.state
  const networkState = network === 'online' ? 'ok' : network === 'starting' ? 'busy' : 'problem'
  const since = time.time(alone?.since ?? authority.since)
  return (
    <ul className="pills">
      <Pill
        state={readerState}
        icon={readerState === 'ok' ? ok : readerState === 'busy' ? busy : problem}
      >
        {t(`reader.${reader}`)}
      </Pill>
      <Pill
        state={networkState}
        icon={
          networkState === 'ok' ? (
            ok
          ) : networkState === 'busy' ? (
            busy
          ) : (
            <CloudOff aria-hidden="true" />
          )
        }
      >
        {t(`network.${network}`, { since })}
      </Pill>
      {workstation.copied === true && (
        <Pill state="problem" icon={problem}>
          {t('status.copied')}
        </Pill>
      )}
    </ul>
  )
}
