import { html } from 'hono/html'
import type { Html } from '../shared/pages.ts'
import { patientName, shortDate, type Patient } from '../shared/patients.ts'
import type { User } from '../shared/relying-party.ts'
import type { ListedStudy } from './studies.ts'

export const applicationName = 'Lumen Viewer'

const mark = html`<svg viewBox="0 0 28 28" width="26" height="26" aria-hidden="true">
  <circle cx="14" cy="14" r="10" fill="none" stroke="currentColor" stroke-width="2.2" />
  <path d="M14 4a10 10 0 0 1 0 20Z" fill="currentColor" />
</svg>`

const frame = (user: User, body: Html): Html =>
  html`<!doctype html>
    <html lang="en" data-context="${user.patient ?? ''}|${user.purpose_of_use}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="dark" />
        <title>${applicationName}</title>
        <link rel="stylesheet" href="/shared.css" />
        <link rel="stylesheet" href="/imaging.css" />
        <script src="/dicom-parser.js" defer></script>
        <script type="module" src="/viewer.js"></script>
      </head>
      <body>
        <header class="bar">
          <a class="brand" href="/">${mark}<span>Lumen</span></a>
          <p class="signed-in">
            <span class="visually-hidden">Signed in: </span><strong>${user.name}</strong>
          </p>
        </header>
        ${body}
      </body>
    </html>`

/** Imaging never writes; in an emergency the page says so, and until when. */
const reading = (user: User): Html => {
  if (user.purpose_of_use === 'BTG')
    return html`<p class="band band-emergency" role="status">
      <strong>Break the glass until ${clock(user.override_until ?? 0)}</strong>, reading only,
      recorded and reviewed
    </p>`
  return user.scope_level === 'reduced'
    ? html`<p class="band band-reading" role="status">
        <strong>Reading only</strong> in this session
      </p>`
    : html``
}

/** `07:45`, from seconds since the Unix epoch. */
const clock = (seconds: number): string => new Date(seconds * 1000).toTimeString().slice(0, 5)

const isoDay = (date: Date): string => date.toISOString().slice(0, 10)

const tools = [
  { id: 'window', label: 'Window', key: 'W', hint: 'drag: brightness and contrast' },
  { id: 'pan', label: 'Move', key: 'M', hint: 'drag: move the image' },
  { id: 'measure', label: 'Measure', key: 'D', hint: 'drag: distance in millimetres' },
] as const

const icons: Readonly<Record<string, Html>> = {
  window: html`<circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="2" />
    <path d="M12 4a8 8 0 0 1 0 16Z" fill="currentColor" />`,
  pan: html`<path
    d="M12 3v18M3 12h18M12 3 9.5 5.500M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
  />`,
  measure: html`<path
    d="M4 16 16 4l4 4L8 20ZM8 12l2 2M11 9l2 2M14 6l2 2"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
  />`,
  in: html`<path d="M12 5v14M5 12h14" fill="none" stroke="currentColor" stroke-width="2.2" />`,
  out: html`<path d="M5 12h14" fill="none" stroke="currentColor" stroke-width="2.2" />`,
  invert: html`<path d="M4 4h16v16H4Z" fill="none" stroke="currentColor" stroke-width="2" />
    <path d="M4 20 20 4v16Z" fill="currentColor" />`,
  reset: html`<path
    d="M5 12a7 7 0 1 0 2.5-5.4M5 4v4h4"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
  />`,
}
const icon = (id: string): Html =>
  html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">${icons[id]}</svg>`

export interface ViewerOptions {
  readonly user: User
  readonly patient: Patient
  readonly studies: readonly ListedStudy[]
  readonly open: ListedStudy | undefined
}

const list = ({ studies, open }: ViewerOptions): Html =>
  html`<nav class="studies" aria-label="Studies">
    <h2>Studies</h2>
    ${
      studies.length === 0
        ? html`<p class="none">No study of this patient.</p>`
        : html`<ul>
            ${studies.map(
              ({ uid, study, date, accession }) =>
                html`<li>
                  <a href="/studies/${uid}" ${uid === open?.uid ? html`aria-current="page"` : ''}>
                    <span class="modality">${study.modality}</span>
                    <span>
                      <span class="what">${study.description}</span>
                      <span class="when">${shortDate(isoDay(date))}<br />${accession}</span>
                    </span>
                  </a>
                </li>`,
            )}
          </ul>`
    }
  </nav>`

/** The viewer for the patient in context. The title names no patient. */
export const viewerPage = (options: ViewerOptions): Html => {
  const { user, patient, open } = options
  return frame(
    user,
    html`${reading(user)}
      <section class="patient" aria-label="Patient">
        <h1>${patientName(patient)}</h1>
        <p>
          <span class="label">Born</span> ${shortDate(patient.born)}
          <span class="label">MRN</span> ${patient.id}
        </p>
      </section>
      <div class="frame">
        ${list(options)}
        <main>
          ${
            open === undefined
              ? html`<p class="nothing">Choose a study.</p>`
              : html`<div class="tools" role="toolbar" aria-label="Image tools">
                    ${tools.map(
                      ({ id, label, key, hint }) =>
                        html`<button
                          type="button"
                          data-tool="${id}"
                          aria-pressed="${id === 'window' ? 'true' : 'false'}"
                          aria-keyshortcuts="${key}"
                          title="${hint} (${key})"
                        >
                          ${icon(id)}<span>${label}</span>
                        </button>`,
                    )}
                    <span class="gap"></span>
                    <button type="button" data-do="in" title="Zoom in (+)">
                      ${icon('in')}<span class="visually-hidden">Zoom in</span>
                    </button>
                    <button type="button" data-do="out" title="Zoom out (-)">
                      ${icon('out')}<span class="visually-hidden">Zoom out</span>
                    </button>
                    <button type="button" data-do="invert" aria-pressed="false" title="Invert (I)">
                      ${icon('invert')}<span class="long">Invert</span>
                    </button>
                    <button type="button" data-do="reset" title="Reset (R)">
                      ${icon('reset')}<span class="long">Reset</span>
                    </button>
                  </div>
                  <div
                    class="stage"
                    data-src="/studies/${open.uid}/instance"
                    data-patient="${patient.id}"
                  >
                    <canvas
                      tabindex="0"
                      role="img"
                      aria-label="${open.study.description}. Arrow keys change brightness and contrast."
                    ></canvas>
                    <p class="overlay top-left">
                      <span>${open.study.description}</span>
                      <span>${shortDate(isoDay(open.date))}</span>
                    </p>
                    <p class="overlay top-right" data-overlay="size"></p>
                    <p class="overlay bottom-left" data-overlay="window"></p>
                    <p class="overlay bottom-right" data-overlay="zoom"></p>
                    <p class="overlay centre" data-overlay="message" role="status">Loading image</p>
                  </div>`
          }
        </main>
      </div>`,
  )
}

/** Instead of a study that belongs to someone else than the patient in context. */
export const otherPatientPage = (user: User): Html =>
  frame(
    user,
    html`<main class="refused">
      <h1>Another patient’s study</h1>
      <p>
        This study does not belong to the patient in context, so it stays closed. Open the patient
        in the record first, then the viewer.
      </p>
      <p><a href="/">Back to the patient in context</a></p>
    </main>`,
  )

export const noPatientPage = (user: User): Html =>
  frame(
    user,
    html`<main class="refused">
      <h1>No patient in context</h1>
      <p>Open a patient in the record first, then the viewer.</p>
    </main>`,
  )
