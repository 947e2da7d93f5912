import type { Locale, Theme } from '../../preload/choices.ts'

/** What the address of the gallery asks for. */
export interface GalleryRequest {
  /** null: the index. */
  readonly id: string | null
  readonly locale: Locale
  readonly theme: Theme
}

/** Reads `gallery.html#locked?theme=night&locale=de`; what is not known falls back to the default. */
export function parseRequest(hash: string): GalleryRequest {
  const [id = '', query = ''] = hash.replace(/^#/, '').split('?')
  const parameters = new URLSearchParams(query)
  return {
    id: id === '' ? null : id,
    locale: parameters.get('locale') === 'de' ? 'de' : 'en',
    theme: parameters.get('theme') === 'night' ? 'night' : 'light',
  }
}

export const requestHash = ({ id, locale, theme }: GalleryRequest) =>
  `#${id ?? ''}?theme=${theme}&locale=${locale}`
