import type { Locale } from '../../preload/choices.ts'
import { languageTag } from './strings/translate.ts'

export interface TimeFormat {
  /** `07:45` */
  readonly time: (at: number) => string
  /** `07:45:12` */
  readonly seconds: (at: number) => string
  /** `22 Nov 2026` */
  readonly date: (at: number) => string
  /** `22 Nov 2026 07:45`, in German `22. Nov. 2026 07:45` */
  readonly dateTime: (at: number) => string
  /** `07:45` of the same day as `now`, otherwise `22 Nov 2026 07:45` */
  readonly lately: (at: number, now: number) => string
  /** `Sunday, 22 November` */
  readonly day: (at: number) => string
}

/** Dates and times of this machine's zone, 24-hour clock. All arguments are Unix milliseconds. */
export function createTimeFormat(locale: Locale): TimeFormat {
  const tag = languageTag(locale)
  const clock = new Intl.DateTimeFormat(tag, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const seconds = new Intl.DateTimeFormat(tag, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const date = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', year: 'numeric' })
  const day = new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long' })
  const dateTime = (at: number) => `${date.format(at)} ${clock.format(at)}`
  return {
    time: (at) => clock.format(at),
    seconds: (at) => seconds.format(at),
    date: (at) => date.format(at),
    dateTime,
    lately: (at, now) => (date.format(at) === date.format(now) ? clock.format(at) : dateTime(at)),
    day: (at) => day.format(at),
  }
}

/** Whole seconds until `end`, rounded up, so that a countdown of 30 s starts at 30; never negative. */
export const secondsLeft = (end: number, now: number) => Math.max(0, Math.ceil((end - now) / 1000))

/** `42:07`, from an hour on `1:02:07`: a remaining time that a glance can read. */
export function countdown(end: number, now: number): string {
  const left = secondsLeft(end, now)
  const pad = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(left / 3600)
  const minutes = Math.floor(left / 60) % 60
  const seconds = left % 60
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${pad(minutes)}:${pad(seconds)}`
}
