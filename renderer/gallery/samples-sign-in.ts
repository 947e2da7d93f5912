import type { Ceremony, Proof, ProofFailure } from '../../preload/shown/proof.ts'
import { anselm, at, mary, now, short } from './people.ts'
import type { Sample } from './samples.ts'

export const ceremony = (autoStart: boolean): Ceremony => ({
  ceremonyId: 'gallery',
  options: { challenge: 'Z2FsbGVyeQ' },
  expiresAt: now + 60_000,
  autoStart,
})

export const proofFailures: readonly ProofFailure[] = [
  'cancelled',
  'timed-out',
  'no-passkey',
  'unsupported',
  'wrong-person',
  'revoked',
  'not-verified',
  'locked-out',
  'refused',
  'offline',
  'log-unavailable',
]

const identifying = { name: 'identifying', outgoing: null, elsewhere: false } as const
const verifying = {
  name: 'verifying',
  person: short(mary),
  passkey: true,
  outgoing: null,
  elsewhere: false,
} as const
const waiting: Proof = { step: 'waiting', ceremony: ceremony(false) }
const switching = { label: mary.label, fate: 'kept' } as const

export const signInSamples: readonly Sample[] = [
  { id: 'identifying', screen: identifying },
  { id: 'identifying.switch', screen: { ...identifying, outgoing: switching } },
  { id: 'identifying.elsewhere', screen: { ...identifying, elsewhere: true } },
  { id: 'verifying.preparing', screen: { ...verifying, proof: { step: 'preparing' } } },
  { id: 'verifying', screen: { ...verifying, proof: waiting } },
  {
    id: 'verifying.auto',
    screen: { ...verifying, proof: { step: 'waiting', ceremony: ceremony(true) } },
  },
  {
    id: 'verifying.switch',
    screen: { ...verifying, person: short(anselm), proof: waiting, outgoing: switching },
  },
  { id: 'verifying.elsewhere', screen: { ...verifying, proof: waiting, elsewhere: true } },
  {
    id: 'verifying.elsewhere.switch',
    screen: {
      ...verifying,
      person: short(anselm),
      proof: waiting,
      outgoing: switching,
      elsewhere: true,
    },
  },
  { id: 'verifying.without-badge', screen: { ...verifying, person: null, proof: waiting } },
  { id: 'verifying.checking', screen: { ...verifying, proof: { step: 'checking' } } },
  {
    id: 'verifying.no-passkey-yet',
    screen: { ...verifying, passkey: false, proof: { step: 'preparing' } },
  },
  ...proofFailures.map((failure): Sample => ({
    id: `verifying.failed.${failure}`,
    screen: { ...verifying, proof: { step: 'failed', failure } },
  })),
  { id: 'opening', screen: { name: 'opening', person: mary } },
  { id: 'signing-out', screen: { name: 'signing-out', person: short(mary) } },
  {
    id: 'fallback.tap',
    screen: { name: 'fallback', stage: { step: 'tap' } },
  },
  ...([null, 'expired', 'quota'] as const).map((refusal): Sample => ({
    id: refusal === null ? 'fallback.form' : `fallback.form.${refusal}`,
    screen: {
      name: 'fallback',
      stage: { step: 'form', person: short(mary), refusal, busy: false },
    },
  })),
  {
    id: 'fallback.form.busy',
    screen: {
      name: 'fallback',
      stage: { step: 'form', person: short(mary), refusal: null, busy: true },
    },
  },
  ...witnessSamples(),
]

function witnessSamples(): readonly Sample[] {
  const stage = {
    step: 'witness',
    person: short(mary),
    reason: 'key-lost',
    note: 'Giving the 08:00 antibiotics in bay 4; my key is at home.',
    until: at(7, 46, 52),
    minutes: 60,
    witness: null,
    proof: null,
    refusal: null,
  } as const
  const confirming = { ...stage, witness: short(anselm) }
  return [
    { id: 'fallback.witness', screen: { name: 'fallback', stage } },
    {
      id: 'fallback.witness.same-person',
      screen: { name: 'fallback', stage: { ...stage, refusal: 'same-person' } },
    },
    {
      id: 'fallback.witness.preparing',
      screen: { name: 'fallback', stage: { ...confirming, proof: { step: 'preparing' } } },
    },
    {
      id: 'fallback.witness.confirm',
      screen: { name: 'fallback', stage: { ...confirming, proof: waiting } },
    },
    {
      id: 'fallback.witness.checking',
      screen: { name: 'fallback', stage: { ...confirming, proof: { step: 'checking' } } },
    },
    {
      id: 'fallback.witness.failed',
      screen: {
        name: 'fallback',
        stage: { ...confirming, proof: { step: 'failed', failure: 'cancelled' } },
      },
    },
  ]
}
