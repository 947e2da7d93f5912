import { KeyRound, Plus, RefreshCw, Usb } from 'lucide-react'
import type { Panel } from '../../../preload/shown/panel.ts'
import type { PasskeyShown } from '../../../preload/shown/passkeys.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { CredentialCard } from '../../ui/credential-card.tsx'
import { Message } from '../../ui/message.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { PanelFrame } from './panel-frame.tsx'
import { PanelTitle } from './panel-title.tsx'

function PasskeyCard({
  passkey,
  only,
}: {
  readonly passkey: PasskeyShown
  readonly only: boolean
}) {
  const { t, act, time } = useShell()
  const { name, createdAt, lastUsedAt, synced, passkeyId } = passkey
  return (
    <CredentialCard
      icon={<KeyRound aria-hidden="true" className="key-icon" />}
      name={name}
      removal={{
        action: t('passkeys.remove'),
        named: t('passkeys.removeNamed', { name }),
        title: t('passkeys.remove.title', { name }),
        body: only ? t('passkeys.remove.last') : t('passkeys.remove.body'),
        keep: t('passkeys.remove.keep'),
        confirm: t('passkeys.remove.confirm'),
        onConfirm: () => act('passkeys.revoke', { passkeyId }),
      }}
    >
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
    </CredentialCard>
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
