/* Between a polled handle and its thread. Both are this code, so these are types, not schemas. */

export interface PolledSettings {
  readonly path: string
  /** Three Int32, by `cell`. */
  readonly shared: SharedArrayBuffer
}

export const cell = {
  /** Raised to end a watch. */
  turn: 0,
  /** Odd while the driver is in a request. */
  requests: 1,
  /** Always 0: for waiting a moment. */
  never: 2,
} as const

export type PolledRequest = { readonly id: number } & (
  | { readonly type: 'open' }
  | { readonly type: 'send'; readonly report: Uint8Array }
  | { readonly type: 'get'; readonly reportId: number; readonly length: number }
  | { readonly type: 'info' }
  | {
      readonly type: 'watch'
      readonly request: Uint8Array
      readonly length: number
      readonly everyMs: number
      /** The turn at which it was asked for: a later one means that it is not wanted any more. */
      readonly turn: number
    }
  | { readonly type: 'close' }
)

export interface PolledAnswer {
  readonly id: number
  readonly value?: unknown
  /** The driver's text. */
  readonly error?: string
}
