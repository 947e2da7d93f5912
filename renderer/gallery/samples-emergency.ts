import type { Panel } from '../../preload/shown/panel.ts'
import type { ReviewShown } from '../../preload/shown/reviews.ts'
import type { Screen } from '../../preload/shown/screen.ts'
import { anselm, at, mary, now, ottilie, session } from './people.ts'
import type { Sample } from './samples.ts'
import { ceremony, proofFailures } from './samples-sign-in.ts'
import { active } from './samples-workspace.ts'

const hour = 3_600_000

const fallback: Screen = {
  ...active,
  session: session(mary, {
    kind: 'fallback',
    aal: 0,
    witness: anselm.label,
    endsAt: now + 42 * 60_000 + 7000,
    verifiedAt: at(7, 27),
    tapGraceUntil: at(7, 27),
    scope: 'reduced',
  }),
}
const broken = {
  ...active,
  session: session(anselm, {
    override: { patient: 'MRN-20417', endsAt: now + 14 * 60_000 + 31_000 },
  }),
} satisfies Screen

const review: ReviewShown = {
  caseId: 'one',
  kind: 'override',
  actor: 'Dr. Anselm Quist',
  witness: null,
  workstation: 'W3-NURSE-02',
  patient: 'MRN-20417',
  reason: 'emergency-treatment',
  note: 'Called to bay 2 for a collapsed patient, team not reachable.',
  startedAt: now - 5 * hour,
  endedAt: now - 5 * hour + 15 * 60_000,
  dueAt: now + 19 * hour,
  escalatesAt: now + 67 * hour,
  verdict: null,
  reviewer: null,
}
const cases: readonly ReviewShown[] = [
  review,
  {
    ...review,
    caseId: 'two',
    kind: 'fallback',
    actor: 'Mary Underwood',
    witness: 'Dr. Anselm Quist',
    patient: null,
    reason: 'key-lost',
    note: 'Giving the 08:00 antibiotics in bay 4; my key is at home.',
    startedAt: now - 60_000,
    endedAt: null,
    dueAt: now - hour,
    escalatesAt: now + 47 * hour,
  },
  { ...review, caseId: 'three', dueAt: now - 49 * hour, escalatesAt: now - hour },
  {
    ...review,
    caseId: 'four',
    dueAt: now - 90 * hour,
    verdict: 'training-need',
    reviewer: 'Ida Lomax',
  },
]

const reviewer = { ...active, session: session(ottilie, { mayReview: true }) } satisfies Screen
const reviews = (id: string, panel: Omit<Panel & { name: 'reviews' }, 'name'>): Sample => ({
  id,
  screen: { ...reviewer, panel: { name: 'reviews', ...panel } },
})
const override = (id: string, panel: Omit<Panel & { name: 'override' }, 'name'>): Sample => ({
  id,
  screen: {
    ...active,
    session: session(anselm),
    panel: { name: 'override', ...panel },
  },
})

export const emergencySamples: readonly Sample[] = [
  { id: 'active.fallback', screen: fallback },
  { id: 'active.fallback.banner', screen: { ...fallback, banner: { code: 'two-badges' } } },
  { id: 'active.override', screen: broken },
  {
    id: 'active.override.lock-now',
    screen: { ...broken, banner: { code: 'lock-now', until: now + 5000 } },
  },
  {
    id: 'warning.override',
    screen: { name: 'warning', session: broken.session, until: now + 9000 },
  },
  override('override', { proof: null, refusal: null }),
  override('override.quota', { proof: null, refusal: 'quota' }),
  override('override.preparing', { proof: { step: 'preparing' }, refusal: null }),
  override('override.confirm', {
    proof: { step: 'waiting', ceremony: ceremony(false) },
    refusal: null,
  }),
  override('override.checking', { proof: { step: 'checking' }, refusal: null }),
  ...proofFailures
    .filter((failure) => failure === 'cancelled' || failure === 'locked-out')
    .map((failure) =>
      override(`override.failed.${failure}`, {
        proof: { step: 'failed', failure },
        refusal: null,
      }),
    ),
  reviews('reviews', { cases, failure: null }),
  reviews('reviews.loading', { cases: null, failure: null }),
  reviews('reviews.none', { cases: [], failure: null }),
  reviews('reviews.own-case', { cases, failure: 'own-case' }),
  reviews('reviews.already-decided', { cases, failure: 'already-decided' }),
  reviews('reviews.not-a-reviewer', { cases: null, failure: 'not-a-reviewer' }),
]
