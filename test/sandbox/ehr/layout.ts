import { html } from 'hono/html'
import type { Html } from '../shared/pages.ts'
import { listOf } from '../shared/people.ts'
import { patientName, patientOf } from '../shared/patients.ts'
import type { User } from '../shared/relying-party.ts'
import { chartPath } from './chart-path.ts'
import { revisionOf } from './access.ts'

export const applicationName = 'Willowbrook EHR'

const logo = html`<svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true">
  <path
    d="M14 2C8 6 5 10 5 15a9 9 0 0 0 8 9V13l-4-4 1.4-1.4L13 10.2V7h2v6.200l2.6-2.6L19 12l-4 4v8a9 9 0 0 0 8-9c0-5-3-9-9-13Z"
    fill="currentColor"
  />
</svg>`

const roleNames: Readonly<Record<string, string>> = {
  nurse: 'Nurse',
  physician: 'Physician',
  'charge-nurse': 'Charge nurse',
  'privacy-officer': 'Privacy officer',
  'it-engineer': 'IT engineer',
}
export const roleName = (role: string): string => roleNames[role] ?? role

const patientList = (user: User, current: string | null): Html => {
  const listed = listOf(user.sub).flatMap((id) => patientOf(id) ?? [])
  return html`<nav class="rail" aria-label="My patients">
    <h2>My patients</h2>
    ${
      listed.length === 0
        ? html`<p class="rail-empty">Nobody is on your list today.</p>`
        : html`<ul>
            ${listed.map(
              (patient) =>
                html`<li>
                  <a
                    href="${chartPath(patient.id)}"
                    ${patient.id === current ? html`aria-current="page"` : ''}
                  >
                    <span class="rail-name">${patientName(patient)}</span>
                    <span class="rail-bed">${patient.bed.replace('3 West, ', '')}</span>
                  </a>
                </li>`,
            )}
          </ul>`
    }
    <form class="find" action="/find" method="post" role="search">
      <label for="mrn">Open by MRN</label>
      <div>
        <input id="mrn" name="mrn" autocomplete="off" spellcheck="false" placeholder="p-000" />
        <button type="submit">Open</button>
      </div>
    </form>
  </nav>`
}

export interface LayoutOptions {
  readonly user: User
  readonly patient: string | null
  readonly content: Html
}

/** The frame of every page. The title names no patient: titles reach places that pages do not. */
export const layout = ({ user, patient, content }: LayoutOptions): Html =>
  html`<!doctype html>
    <html lang="en" data-revision="${revisionOf(user)}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${applicationName}</title>
        <link rel="stylesheet" href="/shared.css" />
        <link rel="stylesheet" href="/ehr.css" />
        <script type="module" src="/chart.js"></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the chart</a>
        <header class="bar">
          <a class="brand" href="/">${logo}<span>Willowbrook</span></a>
          <p class="signed-in">
            <span class="visually-hidden">Signed in: </span><strong>${user.name}</strong>
            <span class="role">${roleName(user.role)}</span>
          </p>
        </header>
        <div class="frame">
          ${patientList(user, patient)}
          <main id="content" tabindex="-1">
            <div id="context-changed" class="band band-info" role="status" hidden>
              <p>
                <strong>The patient in context has changed.</strong> Save your note, then open the
                patient.
              </p>
              <a class="button" href="/">Open the patient</a>
            </div>
            ${content}
          </main>
        </div>
      </body>
    </html>`
