/** Formats that are known by name; each with why Lanyard neither encodes nor decodes it. */
export const undocumentedFormats = [
  {
    name: 'indasc27',
    bits: 27,
    reason: 'The public table lists 13 scrambled bits of its facility code and uses 11 of them.',
  },
  { name: 'HPP32', bits: 32, reason: 'Its published fields are longer than its word.' },
  {
    name: 'H10320',
    bits: 36,
    reason: 'Its published parity covers one bit twice and another not at all.',
  },
  {
    name: 'S12906b',
    bits: 36,
    reason:
      'It fixes the facility at 217 and has three parity bits, whose places are not published.',
  },
  {
    name: 'HGen37',
    bits: 37,
    reason: 'Its published encoder and decoder compute different parity.',
  },
  { name: 'XSF-39', bits: 39, reason: 'The layout of the Kantech word is not published.' },
  { name: 'BC40', bits: 40, reason: 'Its published layouts differ in length.' },
  {
    name: 'Verkada40',
    bits: 40,
    reason: 'Which bits its two even parity bits cover is not published.',
  },
  { name: 'Defcon32', bits: 42, reason: 'Its layout is not published in a table we can check.' },
] as const
