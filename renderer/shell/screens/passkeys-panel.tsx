import { KeyRound, Plus, RefreshCw, Usb } from 'lucide-react'
import { useState } from 'react'
import type { Panel, PasskeyShown } from '../../../preload/contract.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Message } from '../../ui/message.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { PanelFrame } from './panel-frame.tsx'
import { PanelTitle } from './panel-title.tsx'

/** Removing a passkey cannot be undone, so the card asks first. */
function PasskeyCard({
  passkey,
  only,
}: {
  readonly passkey: PasskeyShown
  readonly only: boolean
}) {
  const { t, act, time } = useShell()
  const [asking, setAsking] = useState(false)
  const { name, createdAt, lastUsedAt, synced, passkeyId } = passkey
  return (
    <li className="key-card" data-asking={asking}>
      <KeyRound aria-hidden="true" className="key-icon" />
      <div className="key-copy">
        <h3>{asking ? t('passkeys.remove.title', { name }) : name}</h3>
        {asking ? (
          <p>{only ? t('passkeys.remove.last') : t('passkeys.remove.body')}</p>
        ) : (
          <>
            <p>
              {lastUsedAt === null
                ? t('passkeys.neverUsed')
                : t('passkeys.used', { date: time.dateTime(lastUsedAt) })}
            </p>
            <p className="key-kind">
              {synced ? <RefreshCw aria-hidden="true" /> : <Usb aria-hidden="true" />}
              {synced ? t('passkeys.synced') : t('passkeys.bound')} ·{' '}
              {t('passkeys.created', { date: time.date(createdAt) })}
            </p>
          </>
        )}
      </div>
      {asking ? (
        <Actions>
          <Action initialFocus onPress={() => setAsking(false)}>
            {t('passkeys.remove.keep')}
          </Action>
          <Action
            kind="caution"
            onPress={() => {
              setAsking(false)
              act('passkeys.revoke', { passkeyId })
            }}
          >
            {t('passkeys.remove.confirm')}
          </Action>
        </Actions>
      ) : (
        <Action
          kind="quiet"
          label={t('passkeys.removeNamed', { name })}
          onPress={() => setAsking(true)}
        >
          {t('passkeys.remove')}
        </Action>
      )}
    </li>
  )
}

/** One's own passkeys, each with its last use, and a nudge towards a second one. */
export function PasskeysPanel({ panel }: { readonly panel: Panel & { name: 'passkeys' } }) {
  const { t, act } = useShell()
  const { passkeys } = panel
  return (
    <PanelFrame>
      <PanelTitle>{t('passkeys.title')}</PanelTitle>
      <p className="lead">{t('passkeys.lead')}</p>
      {passkeys === null && <Progress>{t('passkeys.loading')}</Progress>}
      {passkeys?.length === 0 && <Message tone="info">{t('passkeys.none')}</Message>}
      {passkeys?.length === 1 && <Message tone="info">{t('passkeys.one')}</Message>}
      {passkeys !== null && passkeys.length > 0 && (
        <ul className="key-list">
          {passkeys.map((passkey) => (
            <PasskeyCard key={passkey.passkeyId} passkey={passkey} only={passkeys.length === 1} />
          ))}
        </ul>
      )}
      {passkeys !== null && (
        <Actions>
          <Action
            kind="primary"
            icon={<Plus aria-hidden="true" />}
            onPress={() => act('enrolment.begin', { code: null })}
          >
            {t('passkeys.add')}
          </Action>
        </Actions>
      )}
    </PanelFrame>
  )
}
