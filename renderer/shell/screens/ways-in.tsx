import { IdCard, LifeBuoy } from 'lucide-react'
import { Action, Actions } from '../../ui/action.tsx'
import { useShell } from '../environment.tsx'

/** The ways in for whoever cannot tap or cannot confirm. `lead`: there is no reader to tap on. */
export function WaysIn({ lead = false }: { readonly lead?: boolean }) {
  const { t, act } = useShell()
  return (
    <Actions>
      <Action
        kind={lead ? 'primary' : 'secondary'}
        icon={<IdCard aria-hidden="true" />}
        onPress={() => act('signIn.withoutBadge', {})}
        {...(lead ? { keyboard: 'enter' as const } : {})}
      >
        {t('action.withoutBadge')}
      </Action>
      <Action
        kind="caution"
        icon={<LifeBuoy aria-hidden="true" />}
        onPress={() => act('fallback.open', {})}
      >
        {t('action.emergency')}
      </Action>
    </Actions>
  )
}
