import { IntlMessageFormat } from 'intl-messageformat'
import type { Locale } from '../../../preload/choices.ts'
import { de } from './de.ts'
import { en, type MessageKey } from './en.ts'

export type MessageValues = Readonly<Record<string, string | number>>
export type Translate = (key: MessageKey, values?: MessageValues) => string

export const catalogues: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, de }

/** BCP 47 tag for `Intl`: British English, because the clock of a hospital has 24 hours. */
export const languageTag = (locale: Locale) => (locale === 'de' ? 'de-DE' : 'en-GB')

/** A translator for one locale; each message is parsed once, at its first use. */
export function createTranslate(locale: Locale): Translate {
  const catalogue = catalogues[locale]
  const parsed = new Map<MessageKey, IntlMessageFormat>()
  return (key, values) => {
    const message = catalogue[key]
    // Most messages have no argument; parsing them would cost the first paint of a screen.
    if (values === undefined) return message
    let format = parsed.get(key)
    if (format === undefined) {
      format = new IntlMessageFormat(message, languageTag(locale))
      parsed.set(key, format)
    }
    return String(format.format(values))
  }
}
