import { Check, Globe } from 'lucide-react'
import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from 'react-aria-components'
import type { Locale, Theme } from '../../preload/choices.ts'
import { useShell } from './environment.tsx'

const locales: readonly Locale[] = ['en', 'de']
const themes: readonly Theme[] = ['light', 'night']

/** The sections "language" and "display", for the two menus that hold them. */
export function SettingsSections() {
  const { t, act, snapshot } = useShell()
  return (
    <>
      <MenuSection
        selectionMode="single"
        selectedKeys={[snapshot.locale]}
        disallowEmptySelection
        onSelectionChange={(keys) => {
          const locale = locales.find((l) => keys !== 'all' && keys.has(l))
          if (locale !== undefined) act('shell.setLocale', { locale })
        }}
      >
        <Header>{t('menu.language')}</Header>
        {locales.map((locale) => (
          <MenuItem key={locale} id={locale} textValue={t(`language.${locale}`)} lang={locale}>
            <span>{t(`language.${locale}`)}</span>
            <Check aria-hidden="true" className="menu-check" />
          </MenuItem>
        ))}
      </MenuSection>
      <MenuSection
        selectionMode="single"
        selectedKeys={[snapshot.theme]}
        disallowEmptySelection
        onSelectionChange={(keys) => {
          const theme = themes.find((l) => keys !== 'all' && keys.has(l))
          if (theme !== undefined) act('shell.setTheme', { theme })
        }}
      >
        <Header>{t('menu.theme')}</Header>
        {themes.map((theme) => (
          <MenuItem key={theme} id={theme} textValue={t(`menu.theme.${theme}`)}>
            <span>{t(`menu.theme.${theme}`)}</span>
            <Check aria-hidden="true" className="menu-check" />
          </MenuItem>
        ))}
      </MenuSection>
    </>
  )
}

/** Language and display, for whoever stands before the locked screen. */
export function SettingsMenu() {
  const { t } = useShell()
  return (
    <MenuTrigger>
      <Button className="round-button" aria-label={t('menu.settings')}>
        <Globe aria-hidden="true" />
      </Button>
      <Popover placement="bottom end" className="popover">
        <Menu className="menu" aria-label={t('menu.settings')}>
          <SettingsSections />
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
