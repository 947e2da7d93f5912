/**
 * The text with every digit but the last two covered, so that nobody can copy a badge from a screen
 * and an engineer still tells two apart. The length stays visible.
 */
export const mask = (text: string): string =>
  text.length <= 2 ? '•'.repeat(text.length) : '•'.repeat(text.length - 2) + text.slice(-2)

/** A canonical identity with its numbers masked: `WIEGAND|H10301|26|•••|••03`. */
export function maskIdentity(canonical: string): string {
  const [technology = '', format = '', bits = '', ...data] = canonical.split('|')
  return [technology, format, bits, ...data.map(mask)].join('|')
}

/** In place of digits of which not even the number may be seen. */
export const covered = '•••'
