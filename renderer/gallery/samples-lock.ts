import type { FaultCode } from '../../preload/shown/fault.ts'
import type { Notice } from '../../preload/shown/notice.ts'
import type { ReaderStatus } from '../../preload/shown/readers.ts'
import { at, mary, short } from './people.ts'
import type { Sample } from './samples.ts'

const readers: readonly ReaderStatus[] = [
  'starting',
  'missing',
  'unplugged',
  'silent',
  'babbling',
  'driver-missing',
  'permission-denied',
]

const notices: readonly Notice[] = [
  { code: 'badge-refused' },
  { code: 'badge-refused-offline' },
  { code: 'two-badges' },
  { code: 'too-many-badges' },
  { code: 'signed-out' },
  { code: 'session-over', reason: 'inactivity' },
  { code: 'session-over', reason: 'session-limit' },
  { code: 'session-over', reason: 'emergency-over' },
  { code: 'session-over', reason: 'revoked' },
  { code: 'session-over', reason: 'moved' },
  { code: 'session-over', reason: 'person-disabled' },
  { code: 'session-over', reason: 'workstation-disabled' },
  { code: 'session-over', reason: 'offline-conflict' },
  { code: 'moved', where: 'Ward 5', at: at(7, 44) },
  { code: 'seat-full' },
  { code: 'offline' },
  { code: 'log-unavailable' },
  { code: 'declined' },
  { code: 'took-too-long' },
  { code: 'try-again' },
]

const faults: readonly FaultCode[] = [
  'store-busy',
  'store-full',
  'store-corrupt',
  'store-unwritable',
  'vault-unavailable',
  'authority-stopped',
  'configuration',
  'not-enrolled',
  'enrolment-refused',
  'key-revoked',
  'clock-wrong',
  'authority-unreachable',
  'certificate-refused',
  'workstation-disabled',
]

const locked = { name: 'locked', notice: null, waiting: 0 } as const
const shielded = {
  name: 'shielded',
  owner: short(mary),
  since: at(7, 31),
  graceUntil: at(9, 2),
  notice: null,
} as const

export const lockSamples: readonly Sample[] = [
  { id: 'starting', screen: { name: 'starting' } },
  { id: 'locked', screen: locked },
  { id: 'locked.waiting', screen: { ...locked, waiting: 2 } },
  ...notices.map((notice): Sample => ({
    id: `locked.notice.${notice.code}${'reason' in notice ? `.${notice.reason}` : ''}`,
    screen: { ...locked, notice },
  })),
  ...readers.map((reader): Sample => ({ id: `locked.reader.${reader}`, screen: locked, reader })),
  {
    id: 'locked.authority.starting',
    screen: locked,
    authority: { state: 'starting', since: at(7, 44) },
  },
  {
    id: 'locked.authority.offline',
    screen: locked,
    authority: { state: 'offline', since: at(7, 20) },
  },
  {
    id: 'locked.authority.alone',
    screen: locked,
    authority: {
      state: 'online',
      since: at(7, 44),
      alone: { since: at(7, 44), until: at(19, 44), over: false },
    },
  },
  {
    id: 'locked.authority.alone.over',
    screen: locked,
    authority: {
      state: 'online',
      since: at(7, 20),
      alone: { since: at(7, 20), until: at(7, 30), over: true },
    },
  },
  {
    id: 'locked.authority.failed',
    screen: locked,
    authority: { state: 'failed', since: at(7, 44) },
  },
  { id: 'shielded', screen: shielded },
  { id: 'shielded.passkey', screen: { ...shielded, graceUntil: null } },
  { id: 'shielded.notice', screen: { ...shielded, notice: { code: 'badge-refused' } } },
  ...faults.map((code): Sample => ({
    id: `fault.${code}`,
    screen: { name: 'fault', code, reference: 'K7F2-Q9' },
    authority: { state: 'failed', since: at(7, 44) },
  })),
]
