import {
  ClipboardCheck,
  IdCard,
  KeyRound,
  LogOut,
  Menu as MenuIcon,
  Radio,
  Siren,
} from 'lucide-react'
import type { ReactNode } from 'react'
import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from 'react-aria-components'
import type { ApplicationShown, SessionShown } from '../../../preload/shown/session.ts'
import { useShell } from '../environment.tsx'
import { SettingsSections } from '../settings-menu.tsx'

function Entry({
  icon,
  text,
  onAction,
  danger = false,
}: {
  readonly icon: ReactNode
  readonly text: string
  readonly onAction: () => void
  readonly danger?: boolean
}) {
  return (
    <MenuItem textValue={text} className={danger ? 'menu-danger' : ''} onAction={onAction}>
      {icon}
      <span>{text}</span>
    </MenuItem>
  )
}

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
              <Entry
                danger
                icon={<Siren aria-hidden="true" />}
                text={t('bar.breakGlass')}
                onAction={() => act('override.open', {})}
              />
            )}
            {session.kind === 'standard' && (
              <>
                <Entry
                  icon={<IdCard aria-hidden="true" />}
                  text={t('menu.badges')}
                  onAction={() => act('badges.open', {})}
                />
                <Entry
                  icon={<KeyRound aria-hidden="true" />}
                  text={t('menu.passkeys')}
                  onAction={() => act('passkeys.open', {})}
                />
              </>
            )}
            {session.mayReview && (
              <Entry
                icon={<ClipboardCheck aria-hidden="true" />}
                text={t('menu.reviews')}
                onAction={() => act('reviews.open', {})}
              />
            )}
            {session.mayTestReaders && (
              <Entry
                icon={<Radio aria-hidden="true" />}
                text={t('menu.readers')}
                onAction={() => act('readers.open', {})}
              />
            )}
            <Entry
              icon={<LogOut aria-hidden="true" />}
              text={t('menu.signOut')}
              onAction={() => act('seat.signOut', {})}
            />
          </MenuSection>
          <SettingsSections />
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
