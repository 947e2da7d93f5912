import { ClipboardCheck, KeyRound, LogOut, Menu as MenuIcon, Siren } from 'lucide-react'
import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from 'react-aria-components'
import type { ApplicationShown, SessionShown } from '../../../preload/contract.ts'
import { useShell } from '../environment.tsx'
import { SettingsSections } from '../settings-menu.tsx'

/** Everything of one's own account; on a narrow bar also what has no room there. */
export function AccountMenu({
  session,
  applications,
  breakGlass,
}: {
  readonly session: SessionShown
  readonly applications: readonly ApplicationShown[]
  readonly breakGlass: boolean
}) {
  const { t, act } = useShell()
  return (
    <MenuTrigger>
      <Button className="round-button" aria-label={t('menu.open')}>
        <MenuIcon aria-hidden="true" />
      </Button>
      <Popover placement="bottom end" className="popover">
        <Menu className="menu" aria-label={t('menu.open')}>
          {applications.length > 0 && (
            <MenuSection>
              <Header>{t('menu.applications')}</Header>
              {applications.map(({ id, name }) => (
                <MenuItem
                  key={id}
                  id={`application-${id}`}
                  textValue={name}
                  onAction={() => act('application.focus', { application: id })}
                >
                  <span>{name}</span>
                </MenuItem>
              ))}
            </MenuSection>
          )}
          <MenuSection>
            <Header>
              {session.person.displayName} · {t(`role.${session.person.role}`)}
            </Header>
            {breakGlass && (
              <MenuItem
                id="break-glass"
                textValue={t('bar.breakGlass')}
                className="menu-danger"
                onAction={() => act('override.open', {})}
              >
                <Siren aria-hidden="true" />
                <span>{t('bar.breakGlass')}</span>
              </MenuItem>
            )}
            {session.kind === 'standard' && (
              <MenuItem
                id="passkeys"
                textValue={t('menu.passkeys')}
                onAction={() => act('passkeys.open', {})}
              >
                <KeyRound aria-hidden="true" />
                <span>{t('menu.passkeys')}</span>
              </MenuItem>
            )}
            {session.mayReview && (
              <MenuItem
                id="reviews"
                textValue={t('menu.reviews')}
                onAction={() => act('reviews.open', {})}
              >
                <ClipboardCheck aria-hidden="true" />
                <span>{t('menu.reviews')}</span>
              </MenuItem>
            )}
            <MenuItem
              id="sign-out"
              textValue={t('menu.signOut')}
              onAction={() => act('seat.signOut', {})}
            >
              <LogOut aria-hidden="true" />
              <span>{t('menu.signOut')}</span>
            </MenuItem>
          </MenuSection>
          <SettingsSections />
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
