const root = document.documentElement
const tabs = [...document.querySelectorAll('[role=tab]')]
const note = document.querySelector('#note')

const select = (tab, focus) => {
  for (const other of tabs) {
    const chosen = other === tab
    other.setAttribute('aria-selected', String(chosen))
    other.tabIndex = chosen ? 0 : -1
    document.getElementById(other.getAttribute('aria-controls')).hidden = !chosen
  }
  if (focus) tab.focus()
  history.replaceState(null, '', `#${tab.id.slice('tab-'.length)}`)
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener('click', () => select(tab, false))
  tab.addEventListener('keydown', (event) => {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }
    const target = to[event.key]
    if (target === undefined) return
    event.preventDefault()
    select(tabs.at(target % tabs.length), true)
  })
}
const wanted = document.getElementById(`tab-${location.hash.slice(1)}`)
if (wanted !== null) select(wanted, false)

note?.addEventListener('input', () => {
  document.querySelector('#unsaved').textContent = note.value === '' ? '' : 'Not saved yet'
})

/** Draws the page anew when the context changed; text that is not saved is never thrown away. */
const checkContext = async () => {
  const response = await fetch('/context').catch(() => null)
  if (response === null) return
  if (response.status === 401) {
    location.reload()
    return
  }
  const { revision } = await response.json()
  if (revision === root.dataset.revision) return
  if (note !== null && note.value !== '') document.querySelector('#context-changed').hidden = false
  else location.assign('/')
}
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void checkContext()
})
addEventListener('focus', () => void checkContext())
setInterval(() => {
  if (document.visibilityState === 'visible') void checkContext()
}, 3000)

await document.fonts.ready
// A page that nobody sees yet paints no frames.
const painted = new Promise((resolve) =>
  requestAnimationFrame(() => requestAnimationFrame(resolve)),
)
await Promise.race([painted, new Promise((resolve) => setTimeout(resolve, 500))])
root.dataset.ready = 'true'
