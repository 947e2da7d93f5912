import { html } from 'hono/html'
import type { Html } from '../shared/pages.ts'
import { flag } from './flag.ts'
import type { Vitals } from '../shared/patients.ts'

interface Series {
  readonly label: string
  readonly unit: string
  readonly className: string
  readonly of: (reading: Vitals) => number
  /** Shown range and the band that counts as usual. */
  readonly range: readonly [number, number]
  readonly usual: readonly [number, number]
}

const series: readonly Series[] = [
  {
    label: 'Pulse',
    unit: 'per min',
    className: 'pulse',
    of: ({ pulse }) => pulse,
    range: [40, 140],
    usual: [60, 100],
  },
  {
    label: 'Blood pressure',
    unit: 'mmHg',
    className: 'pressure',
    of: ({ systolic }) => systolic,
    range: [50, 180],
    usual: [100, 140],
  },
  {
    label: 'Temperature',
    unit: '°C',
    className: 'temperature',
    of: ({ temperature }) => temperature,
    range: [35.5, 40],
    usual: [36.1, 37.8],
  },
  {
    label: 'Oxygen saturation',
    unit: '%',
    className: 'saturation',
    of: ({ saturation }) => saturation,
    range: [84, 100],
    usual: [94, 100],
  },
]

const width = 300
const height = 92

const y = (value: number, [low, high]: readonly [number, number]): number =>
  Math.round((height - ((value - low) / (high - low)) * height) * 10) / 10
const x = (hoursAgo: number): number => Math.round(((24 - hoursAgo) / 24) * width * 10) / 10

const points = (vitals: readonly Vitals[], of: (reading: Vitals) => number, one: Series): string =>
  vitals.map((reading) => `${x(reading.hoursAgo)},${y(of(reading), one.range)}`).join(' ')

const latest = (one: Series, reading: Vitals): string =>
  one.className === 'pressure' ? `${reading.systolic}/${reading.diastolic}` : `${one.of(reading)}`

const outside = (one: Series, reading: Vitals): 'low' | 'high' | null => {
  const value = one.of(reading)
  if (value < one.usual[0]) return 'low'
  return value > one.usual[1] ? 'high' : null
}

const chart = (one: Series, vitals: readonly Vitals[]): Html => {
  const last = vitals.at(-1)
  if (last === undefined) return html``
  const top = y(one.usual[1], one.range)
  const bottom = y(one.usual[0], one.range)
  return html`<figure class="vital vital-${one.className}">
    <figcaption>
      <span class="vital-label">${one.label}</span>
      <span class="vital-value"
        >${latest(one, last)}<span class="vital-unit">${one.unit}</span
        >${flag(outside(one, last))}</span
      >
    </figcaption>
    <svg
      viewBox="-2 -6 ${width + 8} ${height + 12}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${one.label} over 24 hours, latest ${latest(one, last)} ${one.unit}"
    >
      <rect class="usual" x="0" y="${top}" width="${width}" height="${bottom - top}" />
      ${[6, 12, 18].map(
        (hour) => html`<line class="grid" x1="${x(hour)}" x2="${x(hour)}" y1="0" y2="${height}" />`,
      )}
      ${
        one.className === 'pressure'
          ? html`<polyline
              class="line second"
              points="${points(vitals, ({ diastolic }) => diastolic, one)}"
            />`
          : ''
      }
      <polyline class="line" points="${points(vitals, one.of, one)}" />
    </svg>
    <div class="axis" aria-hidden="true"><span>−24 h</span><span>−12 h</span><span>now</span></div>
  </figure>`
}

/** Four small charts with one time axis; the shaded band is the usual range of an adult. */
export const vitalsCharts = (vitals: readonly Vitals[]): Html =>
  html`<div class="vitals">${series.map((one) => chart(one, vitals))}</div>`
