import type { BadgeEnrolmentShown, BadgeShown } from '../../../preload/shown/badges.ts'
import type { Panel } from '../../../preload/shown/panel.ts'
import type { ReaderShown } from '../../../preload/shown/readers.ts'
import type { Policy } from '../../policy/settings.ts'
import { enrolmentShown } from './enrolment-shown.ts'
import type { BadgeEnrolmentPanel, SeatPanel } from './panel-types.ts'
import { proofShown } from './proof-shown.ts'
import type { SeatState } from './types.ts'

/** An open panel as the shell sees it; `skew` leads to the wall clock. */
export const panelShown = (
  state: Pick<SeatState, 'readers'>,
  panel: SeatPanel,
  policy: Policy,
  skew: number,
): Panel => {
  switch (panel.name) {
    case 'override':
      return {
        name: 'override',
        proof: panel.proof && proofShown(panel.proof, policy, skew),
        refusal: panel.refusal,
      }
    case 'passkeys':
      return { name: 'passkeys', passkeys: panel.passkeys }
    case 'enrolment':
      return { name: 'enrolment', enrolment: enrolmentShown(panel.enrolment) }
    case 'reviews':
      return { name: 'reviews', cases: panel.cases, failure: panel.failure }
    case 'badges':
      return {
        name: 'badges',
        badges: panel.badges?.map((card) => cardShown(card, skew)) ?? null,
        proof: panel.finding && proofShown(panel.finding.proof, policy, skew),
        failure: panel.failure,
      }
    case 'badge-enrolment':
      return { name: 'badge-enrolment', enrolment: badgeEnrolmentShown(panel, policy, skew) }
    case 'readers':
      return {
        name: 'readers',
        readers: readersShown(state),
        reveal: panel.reveal,
        inspections: panel.inspections.map(({ shown }) => ({ ...shown, at: shown.at + skew })),
        failure: panel.failure,
      }
  }
}

const onWall = (time: number | null, skew: number) => (time === null ? null : time + skew)

const cardShown = (card: BadgeShown, skew: number): BadgeShown => ({
  ...card,
  assignedAt: card.assignedAt + skew,
  endsAt: onWall(card.endsAt, skew),
  lastSeenAt: onWall(card.lastSeenAt, skew),
})

const badgeEnrolmentShown = (
  { enrolment, sameCard, cards }: BadgeEnrolmentPanel,
  policy: Policy,
  skew: number,
): BadgeEnrolmentShown => {
  switch (enrolment.step) {
    case 'first-tap':
    case 'checking':
      return { step: enrolment.step }
    case 'second-tap':
      return { step: 'second-tap', until: enrolment.begun.expiresAt + skew }
    case 'form': {
      const { loanerOnly } = enrolment
      const replaceable = (cards ?? []).map((card) => cardShown(card, skew))
      return { step: 'form', loanerOnly, sameCard, replaceable }
    }
    case 'proof':
      return { step: 'proof', proof: proofShown(enrolment.proof, policy, skew) }
    case 'done': {
      const { kind, endsAt } = enrolment
      return { step: 'done', kind, endsAt: onWall(endsAt, skew) }
    }
    case 'failed':
      return { step: 'failed', failure: enrolment.failure }
  }
}

/** That none was found is not said beside one that was. */
const readersShown = ({ readers }: Pick<SeatState, 'readers'>): ReaderShown[] => {
  const all = Object.entries(readers)
  const isMoot = (reader: string, status: ReaderShown['status']) =>
    reader.startsWith('none:') && all.length > 1 && (status === 'missing' || status === 'starting')
  return all.flatMap(([reader, { model, status, detail }]) =>
    isMoot(reader, status) ? [] : [{ reader, model, status, detail }],
  )
}
