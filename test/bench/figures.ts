/** One line of `npm run bench`. */
export type Line = { readonly name: string } & Readonly<
  Record<string, string | number | boolean | null>
>
/** Takes a line when it is known. */
export type Report = (line: Line) => void

/** A time of the shell, beside the floor of the machine. */
export type Figure = {
  readonly name: string
  readonly unit: 'ms'
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** 95th percentile of the floor measured in the same run: an empty call plus a painted frame. */
  readonly floor: number
  /** `p95` over `floor`. */
  readonly ratio: number
  readonly runs: number
}

/** Nearest rank on sorted values; `of` in 0 to 1. */
export function percentile(values: readonly number[], of: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(of * sorted.length) - 1)] ?? Number.NaN
}

/** To two places, or to none where those say nothing. */
export const round = (value: number) =>
  Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100

export const median = (values: readonly number[]) => percentile(values, 0.5)

export function figure(name: string, values: readonly number[], floor: readonly number[]): Figure {
  const least = percentile(floor, 0.95)
  const p95 = percentile(values, 0.95)
  return {
    name,
    unit: 'ms',
    p50: round(percentile(values, 0.5)),
    p95: round(p95),
    p99: round(percentile(values, 0.99)),
    floor: round(least),
    ratio: round(p95 / least),
    runs: values.length,
  }
}
