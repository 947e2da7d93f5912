import { html } from 'hono/html'
import type { Html } from '../shared/pages.ts'
import {
  ageOn,
  patientName,
  shortDate,
  type Medication,
  type Note,
  type Patient,
} from '../shared/patients.ts'
import type { Access } from './access.ts'
import { chartPath } from './chart-path.ts'
import { flag } from './flag.ts'
import { vitalsCharts } from './vitals-chart.ts'

export interface ChartOptions {
  readonly patient: Patient
  readonly access: Exclude<Access, { kind: 'refused' }>
  /** Written in this run of the sandbox, newest first. */
  readonly written: readonly { author: string; role: string; at: Date; text: string }[]
  /** Medications given in this run, by name. */
  readonly given: ReadonlyMap<string, Date>
  readonly started: Date
  readonly now: Date
}

/** `07:45`, 24 h, in the time of this machine. */
export const clock = (at: Date): string => at.toTimeString().slice(0, 5)

const hoursBefore = (now: Date, hours: number): Date => new Date(now.getTime() - hours * 3_600_000)
const dayAndTime = (at: Date, now: Date): string => {
  const today = at.toDateString() === now.toDateString()
  const iso = `${at.getFullYear()}-${`${at.getMonth() + 1}`.padStart(2, '0')}-${`${at.getDate()}`.padStart(2, '0')}`
  return `${today ? 'today' : shortDate(iso)} ${clock(at)}`
}

/** CUI patient banner: the value is prominent, its label is not. */
export const banner = (patient: Patient, now: Date): Html => {
  const none = patient.allergies.length === 1 && patient.allergies[0]?.startsWith('No known')
  return html`<section class="banner" aria-label="Patient">
    <h1>${patientName(patient)}</h1>
    <dl>
      <div>
        <dt>Born</dt>
        <dd>
          ${shortDate(patient.born)} <span class="soft">(${ageOn(patient.born, now)} y)</span>
        </dd>
      </div>
      <div>
        <dt>Sex</dt>
        <dd>${patient.sex}</dd>
      </div>
      <div>
        <dt>MRN</dt>
        <dd>${patient.id}</dd>
      </div>
      <div>
        <dt>Place</dt>
        <dd>${patient.bed}</dd>
      </div>
      <div class="${none ? '' : 'allergies'}">
        <dt>Allergies</dt>
        <dd>${patient.allergies.join(', ')}</dd>
      </div>
    </dl>
  </section>`
}

const dueAt = ({ started }: ChartOptions, dueIn: number): Date => {
  const at = new Date(started)
  at.setMinutes(Math.ceil(at.getMinutes() / 5) * 5, 0, 0)
  return new Date(at.getTime() + dueIn * 60_000)
}

const dueCell = (options: ChartOptions, { name, dueIn }: Medication): Html => {
  const given = options.given.get(name)
  if (given !== undefined) return html`<span class="due due-given">Given ${clock(given)}</span>`
  if (dueIn === null) return html`<span class="soft">if needed</span>`
  const at = dueAt(options, dueIn)
  const late = at < options.now
  return html`<span class="due ${late ? 'due-late' : ''}"
    >${late ? 'Overdue since ' : ''}${clock(at)}</span
  >`
}

const medicationTable = (options: ChartOptions): Html => {
  const { patient, access } = options
  return html`<table class="wide">
    <caption class="visually-hidden">
      Medications
    </caption>
    <thead>
      <tr>
        <th scope="col">Medication</th>
        <th scope="col">Dose</th>
        <th scope="col">Due</th>
        <th scope="col"><span class="visually-hidden">Action</span></th>
      </tr>
    </thead>
    <tbody>
      ${patient.medications.map(
        (entry) =>
          html`<tr>
            <th scope="row">
              ${entry.name}<span class="sub">${entry.route}, ${entry.frequency}</span>
            </th>
            <td>${entry.dose}</td>
            <td>${dueCell(options, entry)}</td>
            <td class="action">
              ${
                options.given.has(entry.name)
                  ? ''
                  : html`<form method="post" action="${chartPath(patient.id)}/medications">
                      <input type="hidden" name="name" value="${entry.name}" />
                      <button
                        type="submit"
                        aria-label="Give ${entry.name}"
                        ${access.writes ? '' : 'disabled'}
                      >
                        Give
                      </button>
                    </form>`
              }
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

const dueList = (options: ChartOptions): Html => {
  const due = options.patient.medications
    .filter(({ name, dueIn }) => dueIn !== null && !options.given.has(name))
    .toSorted((a, b) => (a.dueIn ?? 0) - (b.dueIn ?? 0))
    .slice(0, 4)
  return html`<section class="card">
    <h2>Due next</h2>
    ${
      due.length === 0
        ? html`<p class="soft">Nothing is due.</p>`
        : html`<ul class="rows">
            ${due.map(
              (entry) =>
                html`<li>
                  <span>${entry.name}<span class="sub">${entry.dose}, ${entry.route}</span></span>
                  ${dueCell(options, entry)}
                </li>`,
            )}
          </ul>`
    }
  </section>`
}

const overview = (options: ChartOptions): Html => {
  const { patient, now } = options
  const newest = newestNote(options)
  return html`<div class="grid-2">
    <section class="card card-vitals">
      <h2>Vital signs<span class="aside">24 hours, shaded: usual range</span></h2>
      ${vitalsCharts(patient.vitals)}
    </section>
    ${dueList(options)}
    <section class="card">
      <h2>Problems</h2>
      <p class="reason">${patient.reason}</p>
      <ul class="plain">
        ${patient.problems.map((problem) => html`<li>${problem}</li>`)}
      </ul>
      ${
        patient.alerts.length === 0
          ? ''
          : html`<ul class="chips" aria-label="Alerts">
              ${patient.alerts.map((alert) => html`<li>${alert}</li>`)}
            </ul>`
      }
    </section>
    <section class="card">
      <h2>Latest note</h2>
      ${
        newest === undefined
          ? html`<p class="soft">No note yet.</p>`
          : html`<p class="note-text">${newest.text}</p>
              <p class="soft">${newest.author}, ${dayAndTime(newest.at, now)}</p>`
      }
    </section>
  </div>`
}

interface DatedNote {
  readonly author: string
  readonly role: string
  readonly at: Date
  readonly text: string
}
const dated = (note: Note, started: Date): DatedNote => ({
  ...note,
  at: hoursBefore(started, note.hoursAgo),
})
const allNotes = ({ patient, written, started }: ChartOptions): readonly DatedNote[] => [
  ...written,
  ...patient.notes.map((note) => dated(note, started)),
]
const newestNote = (options: ChartOptions): DatedNote | undefined => allNotes(options)[0]

const resultTable = ({ patient, started, now }: ChartOptions): Html =>
  html`<table class="wide">
    <caption class="visually-hidden">
      Results
    </caption>
    <thead>
      <tr>
        <th scope="col">Test</th>
        <th scope="col" class="number">Result</th>
        <th scope="col">Usual range</th>
        <th scope="col">Taken</th>
      </tr>
    </thead>
    <tbody>
      ${patient.results.map(
        ({ test, value, unit, range, flag: which, hoursAgo }) =>
          html`<tr>
            <th scope="row">${test}</th>
            <td class="number">
              <strong class="${which === null ? '' : 'out'}">${value}</strong> ${unit}
              ${flag(which)}
            </td>
            <td>${range}</td>
            <td>${dayAndTime(hoursBefore(started, hoursAgo), now)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`

const notes = (options: ChartOptions): Html => {
  const { patient, access, now } = options
  return html`<form class="card write" method="post" action="${chartPath(patient.id)}/notes">
      <label for="note">New note</label>
      <textarea
        id="note"
        name="text"
        rows="5"
        maxlength="4000"
        required
        ${access.writes ? '' : 'disabled'}
        placeholder="${access.writes ? 'Write what you saw, did and plan.' : 'Reading only in this session.'}"
      ></textarea>
      <div class="write-foot">
        <p id="unsaved" class="soft" role="status"></p>
        <button type="submit" class="primary" ${access.writes ? '' : 'disabled'}>Save note</button>
      </div>
    </form>
    <ol class="notes" aria-label="Notes, newest first">
      ${allNotes(options).map(
        (note) =>
          html`<li class="card">
            <p class="note-head">
              <strong>${note.author}</strong> <span class="soft">${note.role}</span>
              <span class="soft when">${dayAndTime(note.at, now)}</span>
            </p>
            <p class="note-text">${note.text}</p>
          </li>`,
      )}
    </ol>`
}

const band = ({ access }: ChartOptions): Html =>
  html`${
    access.kind === 'emergency'
      ? html`<div class="band band-emergency" role="alert">
          <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
            <path d="M12 2 1 21h22L12 2Zm-1 7h2v6h-2V9Zm0 8h2v2h-2v-2Z" fill="currentColor" />
          </svg>
          <p>
            <strong>Break the glass: ${access.reason} until ${clock(new Date(access.until))}</strong
            >, recorded and reviewed
          </p>
        </div>`
      : ''
  }
  ${
    access.writes
      ? ''
      : html`<div class="band band-reading" role="status">
          <p><strong>Reading only.</strong> Notes and medications are closed in this session.</p>
        </div>`
  }`

/** The chart with its four tabs; without script every panel shows. */
export const chartPage = (options: ChartOptions): Html => {
  const tabs = [
    { id: 'chart', label: 'Chart', panel: overview(options) },
    {
      id: 'medications',
      label: 'Medications',
      panel: html`<section class="card flush">${medicationTable(options)}</section>`,
    },
    {
      id: 'results',
      label: 'Results',
      panel: html`<section class="card flush">${resultTable(options)}</section>`,
    },
    { id: 'notes', label: 'Notes', panel: notes(options) },
  ]
  return html`${band(options)} ${banner(options.patient, options.now)}
    <div class="tabs" role="tablist" aria-label="Chart">
      ${tabs.map(
        ({ id, label }) =>
          html`<button
            type="button"
            role="tab"
            id="tab-${id}"
            aria-controls="panel-${id}"
            aria-selected="${id === 'chart' ? 'true' : 'false'}"
            tabindex="${id === 'chart' ? '0' : '-1'}"
          >
            ${label}
          </button>`,
      )}
    </div>
    ${tabs.map(
      ({ id, panel }) =>
        html`<div
          role="tabpanel"
          id="panel-${id}"
          aria-labelledby="tab-${id}"
          ${id === 'chart' ? '' : 'hidden'}
        >
          ${panel}
        </div>`,
    )}`
}

export const notOnListPage = (): Html =>
  html`<div class="empty">
    <h1>Not on your list - use Break the glass in Lanyard</h1>
    <p>
      If care cannot wait: you give the reason, the chart opens for a short time, and it is recorded
      and reviewed.
    </p>
  </div>`

export const noPatientPage = (): Html =>
  html`<div class="empty">
    <h1>Choose a patient</h1>
    <p>Nobody is in context. Open a patient from your list.</p>
  </div>`
