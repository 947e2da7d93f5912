import { even, odd, span, thirds, type Layout } from './layout.ts'

/* Formats of 35 bits and more, from public tables. */
export const longLayouts = {
  C1k35s: {
    title: 'HID Corporate 1000, 35-bit',
    bits: 35,
    fields: { facility: span(2, 13), number: span(14, 33) },
    parity: [even(1, thirds(2, 33, 1)), odd(34, thirds(1, 32, 0)), odd(0, span(1, 34))],
  },
  C15001: {
    title: 'HID KeyScan 36-bit',
    bits: 36,
    fields: { oem: span(1, 10), facility: span(11, 18), number: span(19, 34) },
    parity: [even(0, span(1, 17)), odd(35, span(18, 34))],
  },
  S12906: {
    title: 'HID Simplex 36-bit',
    bits: 36,
    fields: { facility: span(1, 8), issue: span(9, 10), number: span(11, 34) },
    parity: [odd(0, span(1, 17)), odd(35, span(17, 34))],
  },
  Sie36: {
    title: 'HID Siemens 36-bit',
    bits: 36,
    fields: { facility: span(1, 18), number: span(19, 34) },
    parity: [odd(0, thirds(1, 34, 2)), even(35, thirds(1, 34, 0))],
    note: 'Some public decoders take bit 35 as odd; the encoders agree that it is even.',
  },
  H10302: {
    title: 'HID H10302 37-bit',
    bits: 37,
    fields: { number: span(1, 35) },
    parity: [even(0, span(1, 18)), odd(36, span(18, 35))],
  },
  H10304: {
    title: 'HID H10304 37-bit',
    bits: 37,
    fields: { facility: span(1, 16), number: span(17, 35) },
    parity: [even(0, span(1, 18)), odd(36, span(18, 35))],
  },
  MDI37: {
    title: 'PointGuard MDI 37-bit',
    bits: 37,
    fields: { facility: span(3, 6), number: span(7, 35) },
    zeros: [1, 2],
    parity: [even(0, span(1, 18)), odd(36, span(18, 35))],
  },
  P10004: {
    title: 'HID P10004 37-bit PCSC',
    bits: 37,
    fields: { facility: span(1, 13), number: span(14, 31) },
    zeros: [0, ...span(32, 36)],
    parity: 'unknown',
  },
  BQT38: {
    title: 'BQT 38-bit',
    bits: 38,
    fields: { number: span(1, 19), issue: span(20, 23), facility: span(24, 36) },
    parity: [even(0, span(1, 18)), odd(37, span(19, 36))],
  },
  ISCS: {
    title: 'ISCS 38-bit',
    bits: 38,
    fields: { oem: span(2, 4), facility: span(5, 14), number: span(15, 36) },
    zeros: [1],
    parity: [even(0, span(1, 18)), odd(37, span(19, 36))],
  },
  PW39: {
    title: 'Pyramid 39-bit',
    bits: 39,
    fields: { facility: span(1, 17), number: span(18, 37) },
    parity: [even(0, span(1, 18)), odd(38, span(19, 37))],
  },
  P10001: {
    title: 'HID P10001 Honeywell 40-bit',
    bits: 40,
    fields: { facility: span(4, 15), number: span(16, 31) },
    ones: span(0, 3),
    // The last byte is the exclusive or of the first four: eight even parity bits.
    parity: span(0, 7).map((bit) => even(32 + bit, [bit, 8 + bit, 16 + bit, 24 + bit])),
    note: 'The last byte is the exclusive or of the first four.',
  },
  Casi40: {
    title: 'Casi-Rusco 40-bit',
    bits: 40,
    fields: { number: span(1, 38) },
    zeros: [0, 39],
    parity: 'none',
  },
  H800002: {
    title: 'HID H800002 46-bit',
    bits: 46,
    fields: { facility: span(1, 14), number: span(15, 44) },
    parity: [even(0, span(1, 44)), odd(45, span(1, 44))],
  },
  C1k48s: {
    title: 'HID Corporate 1000, 48-bit',
    bits: 48,
    fields: { facility: span(2, 23), number: span(24, 46) },
    parity: [even(1, thirds(3, 46, 2)), odd(47, thirds(2, 45, 1)), odd(0, span(1, 47))],
  },
  Avig56: {
    title: 'Avigilon 56-bit',
    bits: 56,
    fields: { facility: span(1, 20), number: span(21, 54) },
    parity: [even(0, span(1, 27)), odd(55, span(28, 54))],
  },
  IR56: {
    title: 'Inner Range 56-bit',
    bits: 56,
    fields: { facility: span(0, 23), number: span(24, 55) },
    parity: 'none',
  },
} as const satisfies Record<string, Layout>
