import '../ui/styles.ts'
import './gallery.css'
import { StrictMode, useEffect, useMemo, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import { Frame } from './frame.tsx'
import { GalleryIndex } from './gallery-index.tsx'
import { parseRequest } from './request.ts'
import { samples } from './samples.ts'

function useHash(): string {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed)
      return () => window.removeEventListener('hashchange', changed)
    },
    () => location.hash,
  )
}

function Gallery() {
  const hash = useHash()
  const request = useMemo(() => parseRequest(hash), [hash])
  useEffect(() => {
    document.documentElement.dataset.shown = hash
  }, [hash])
  const sample = samples.find(({ id }) => id === request.id)
  if (sample === undefined) return <GalleryIndex request={request} />
  return <Frame key={hash} sample={sample} request={request} />
}

const root = document.querySelector('#root')
if (root === null)
  throw new Error('gallery: got a page without #root, expected renderer/gallery.html')
createRoot(root).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
)
