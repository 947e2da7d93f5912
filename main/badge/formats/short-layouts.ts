import { even, odd, span, type Layout } from './layout.ts'

/*
 * Formats of up to 34 bits, from public tables. Without parity a word of the right length is
 * always some card: a site that can choose should not choose such a format.
 */
export const shortLayouts = {
  H10301: {
    title: 'HID open 26-bit',
    bits: 26,
    fields: { facility: span(1, 8), number: span(9, 24) },
    parity: [even(0, span(1, 12)), odd(25, span(13, 24))],
  },
  ind26: {
    title: 'Indala 26-bit',
    bits: 26,
    fields: { facility: span(1, 12), number: span(13, 24) },
    parity: [even(0, span(1, 12)), odd(25, span(13, 24))],
  },
  ind27: {
    title: 'Indala 27-bit',
    bits: 27,
    fields: { facility: span(0, 12), number: span(13, 26) },
    parity: 'none',
  },
  Tecom27: {
    title: 'Tecom 27-bit, scrambled',
    bits: 27,
    fields: {
      facility: [15, 19, 24, 23, 22, 18, 6, 10, 14, 3, 2],
      number: [0, 1, 13, 12, 9, 26, 20, 16, 17, 21, 25, 7, 8, 11, 4, 5],
    },
    parity: 'none',
  },
  '2804W': {
    title: '2804 Wiegand 28-bit',
    bits: 28,
    fields: { facility: span(4, 11), number: span(12, 26) },
    zeros: [1, 3],
    parity: [
      odd(2, [4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20, 22, 23, 25, 26]),
      even(0, span(1, 13)),
      odd(27, span(0, 26)),
    ],
  },
  ind29: {
    title: 'Indala 29-bit',
    bits: 29,
    fields: { facility: span(0, 12), number: span(13, 28) },
    parity: 'none',
  },
  ATSW30: {
    title: 'ATS Wiegand 30-bit',
    bits: 30,
    fields: { facility: span(1, 12), number: span(13, 28) },
    parity: [even(0, span(1, 12)), odd(29, span(13, 28))],
  },
  ADT31: {
    title: 'HID ADT 31-bit',
    bits: 31,
    fields: { facility: span(1, 4), number: span(5, 27) },
    zeros: [0, 28, 29, 30],
    parity: 'unknown',
  },
  HCP32: {
    title: 'HID Check Point 32-bit',
    bits: 32,
    fields: { number: span(1, 24) },
    zeros: [0, ...span(25, 31)],
    parity: 'none',
    note: 'The public table has a field of 24 bits and a limit of 14; the field holds here.',
  },
  Kastle: {
    title: 'Kastle 32-bit',
    bits: 32,
    fields: { issue: span(2, 6), facility: span(7, 14), number: span(15, 30) },
    ones: [1],
    parity: [even(0, span(1, 16)), odd(31, span(14, 30))],
  },
  Kantech: {
    title: 'Indala/Kantech KFS 32-bit',
    bits: 32,
    fields: { facility: span(7, 14), number: span(15, 30) },
    zeros: [...span(0, 6), 31],
    parity: 'none',
  },
  WIE32: {
    title: 'Wiegand 32-bit',
    bits: 32,
    fields: { facility: span(4, 15), number: span(16, 31) },
    zeros: span(0, 3),
    parity: 'none',
  },
  D10202: {
    title: 'HID D10202 33-bit',
    bits: 33,
    fields: { facility: span(1, 7), number: span(8, 31) },
    parity: [even(0, span(1, 16)), odd(32, span(16, 31))],
  },
  H10306: {
    title: 'HID H10306 34-bit',
    bits: 34,
    fields: { facility: span(1, 16), number: span(17, 32) },
    parity: [even(0, span(1, 16)), odd(33, span(17, 32))],
  },
  BQT34: {
    title: 'BQT 34-bit',
    bits: 34,
    fields: { facility: span(1, 8), number: span(9, 32) },
    parity: [even(0, span(1, 16)), odd(33, span(17, 32))],
  },
  Optus34: {
    title: 'Indala Optus 34-bit',
    bits: 34,
    fields: { number: span(1, 16), facility: span(23, 32) },
    zeros: [0, ...span(17, 22), 33],
    parity: 'none',
  },
  SMP34: {
    title: 'Cardkey Smartpass 34-bit',
    bits: 34,
    fields: { facility: span(1, 13), issue: span(14, 16), number: span(17, 32) },
    zeros: [0, 33],
    parity: 'none',
  },
} as const satisfies Record<string, Layout>
