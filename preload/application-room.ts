/** Geometry shared by main (bounds of the views) and the shell (its own layout), in CSS pixels. */
export const chrome = {
  bar: 88,
  /** A second row below the bar, in `active`: while `banner` is not null, and in an emergency. */
  banner: 84,
  /** The frame around everything in an emergency: `kind` is `fallback` or `override` is not null. */
  frame: 8,
  /** Width from which two applications stand side by side. */
  sideBySide: 1280,
} as const

/** What the shell leaves free for application views in a content area of this size, CSS pixels. */
export function applicationRoom({
  width,
  height,
  emergency,
  banner,
}: {
  readonly width: number
  readonly height: number
  readonly emergency: boolean
  /** `banner` of the screen is not null. */
  readonly banner: boolean
}): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  const inset = emergency ? chrome.frame : 0
  const top = inset + chrome.bar + (emergency || banner ? chrome.banner : 0)
  return {
    x: inset,
    y: top,
    width: Math.max(0, width - 2 * inset),
    height: Math.max(0, height - top - inset),
  }
}
