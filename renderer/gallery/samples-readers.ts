import type { InspectionShown, ReaderShown } from '../../preload/shown/readers.ts'
import type { Panel } from '../../preload/shown/panel.ts'
import { at, session, tilda } from './people.ts'
import type { Sample } from './samples.ts'
import { active } from './samples-workspace.ts'

const readers: readonly ReaderShown[] = [
  { reader: 'a', model: 'pcProx Plus', status: 'ready', detail: '' },
  {
    reader: 'b',
    model: 'OMNIKEY 5022',
    status: 'driver-missing',
    detail: 'The PC/SC service does not run. Start it: systemctl enable --now pcscd.socket',
  },
  { reader: 'c', model: 'TWN4 MultiTech', status: 'starting', detail: '' },
]

const read: InspectionShown = {
  model: 'pcProx Plus',
  at: at(7, 44, 51),
  raw: '26 bits: ••••••03',
  transforms: ['bytes reversed', 'inverted'],
  candidates: [
    { format: 'H10301', facility: '•17', number: '•••03', parity: true },
    { format: 'IND26', facility: '••48', number: '••03', parity: true },
    { format: 'RAW26', facility: '0', number: '••••••03', parity: false },
  ],
  profile: 'pcProx: H10301, parity restored',
  result: {
    outcome: 'badge',
    identity: 'WIEGAND|H10301|26|•17|•••03',
    refusedAtEnrolment: null,
  },
  known: { tag: '3fa91c', status: 'active' },
}
const phone: InspectionShown = {
  model: 'OMNIKEY 5022',
  at: at(7, 43, 20),
  raw: 'ISO14443A, 4 bytes: 08d2a1f4',
  transforms: [],
  candidates: [],
  profile: 'pcsc: ISO14443A, first-byte-first',
  result: {
    outcome: 'badge',
    identity: 'ISO14443A|RAW|32|08d2a1f4',
    refusedAtEnrolment: 'random',
  },
  known: null,
}
const noise: InspectionShown = {
  ...read,
  at: at(7, 42, 7),
  transforms: [],
  candidates: [],
  profile: '',
  result: { outcome: 'no-badge', reason: 'parity-stripped' },
  known: null,
}

const page = (id: string, changes: Partial<Panel & { name: 'readers' }>): Sample => ({
  id,
  screen: {
    ...active,
    session: session(tilda, { mayTestReaders: true }),
    panel: { name: 'readers', readers, reveal: false, inspections: [], failure: null, ...changes },
  },
})

export const readerSamples: readonly Sample[] = [
  page('readers', { inspections: [read, phone, noise] }),
  page('readers.waiting', {}),
  page('readers.revealed', { reveal: true, inspections: [phone] }),
  page('readers.no-badge', { readers: [], inspections: [noise] }),
  page('readers.not-an-operator', { readers: [], failure: 'not-an-operator' }),
  page('readers.offline', { readers: [], failure: 'offline' }),
  { ...page('readers.log-unavailable', { failure: 'log-unavailable' }), wordsOnly: true },
]
