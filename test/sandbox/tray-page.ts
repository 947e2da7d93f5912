import { html, raw } from 'hono/html'
import type { SandboxPerson } from './control.ts'

const script = (token: string) => `
const say = document.querySelector('#say')
const send = (command) => fetch('/?token=${token}', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(command),
})
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-command]')
  if (!button) return
  await send(JSON.parse(button.dataset.command))
  say.textContent = button.dataset.done
})`

const style = `
:root { color-scheme: light dark; font: 18px/1.4 system-ui, sans-serif }
body { margin: 0; padding: 20px; background: Canvas; color: CanvasText }
h1 { font-size: 20px; margin: 0 0 4px } p { margin: 0 0 16px; opacity: .8 }
ul { list-style: none; padding: 0; margin: 0 0 16px; display: grid; gap: 10px }
li { display: flex; gap: 10px; align-items: center }
button { font: inherit; min-height: 48px; padding: 0 16px; border-radius: 10px; cursor: pointer;
  border: 1px solid color-mix(in srgb, CanvasText 30%, transparent); background: Field; color: FieldText }
li button:first-child { flex: 1; text-align: left }
small { display: block; opacity: .75 }`

/** The badge tray: a click on a person is a tap of that person's badge. */
export function trayPage(people: readonly SandboxPerson[], token: string) {
  const command = (value: object) => JSON.stringify(value)
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>Badge tray</title>
      <style>
        ${raw(style)}
      </style>
      <h1>Badge tray</h1>
      <p>Invented staff. A click is a tap, with the person's security key in the port.</p>
      <ul>
        ${people.map(
          (person) =>
            html`<li>
              <button
                data-command="${command({ do: 'tap', person: person.id, withKey: true })}"
                data-done="${person.name} tapped"
              >
                ${person.name}<small>${person.role}</small>
              </button>
              <button
                data-command="${command({ do: 'tap', person: person.id })}"
                data-done="${person.name} tapped, key not touched"
              >
                Badge only
              </button>
            </li>`,
        )}
      </ul>
      <button data-command="${command({ do: 'key', person: null })}" data-done="The port is empty">
        Take the key out
      </button>
      <p id="say" role="status"></p>
      <script>
        ${raw(script(token))}
      </script>
    </html>`
}
