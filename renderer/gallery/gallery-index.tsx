import { useLayoutEffect } from 'react'
import type { Locale, Theme } from '../../preload/choices.ts'
import { type GalleryRequest, requestHash } from './request.ts'
import { sampleIds } from './samples.ts'

const themes: readonly Theme[] = ['light', 'night']
const locales: readonly Locale[] = ['en', 'de']

/** Every state by name; for those who work on the product, hence English only. */
export function GalleryIndex({ request }: { readonly request: GalleryRequest }) {
  const { theme } = request
  useLayoutEffect(() => {
    document.documentElement.lang = 'en'
    document.documentElement.dataset.theme = theme
    document.title = 'Lanyard gallery'
  }, [theme])
  const groups = Map.groupBy(sampleIds, (id) => id.split('.')[0] ?? id)
  return (
    <main className="gallery">
      <h1 className="headline headline-medium">Lanyard gallery</h1>
      <p className="lead">{sampleIds.length} states of the shell, with invented people.</p>
      <nav className="actions" aria-label="Theme and language">
        {themes.flatMap((theme) =>
          locales.map((locale) => (
            <a
              key={`${theme}-${locale}`}
              className="action action-secondary"
              aria-current={theme === request.theme && locale === request.locale}
              href={requestHash({ id: null, theme, locale })}
            >
              {theme} · {locale}
            </a>
          )),
        )}
      </nav>
      {[...groups].map(([group, ids]) => (
        <section key={group}>
          <h2>{group}</h2>
          <ul className="actions">
            {ids.map((id) => (
              <li key={id}>
                <a className="action action-quiet" href={requestHash({ ...request, id })}>
                  {id}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </main>
  )
}
