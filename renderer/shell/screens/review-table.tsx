import { CircleCheck, Clock, TriangleAlert } from 'lucide-react'
import type { ReviewShown } from '../../../preload/shown/reviews.ts'
import { Action } from '../../ui/action.tsx'
import { TableRoom } from '../../ui/table-room.tsx'
import { useShell } from '../environment.tsx'
import { useNow } from '../use-now.ts'
import { reviewReason } from './review-reason.ts'

function Due({ review, now }: { readonly review: ReviewShown; readonly now: number }) {
  const { t, time } = useShell()
  const late = now > review.escalatesAt ? 'escalated' : now > review.dueAt ? 'overdue' : null
  return (
    <>
      <span className="review-due" data-late={late !== null}>
        {late === null ? <Clock aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
        {time.dateTime(review.dueAt)}
      </span>
      {late !== null && <span className="review-late">{t(`reviews.${late}`)}</span>}
    </>
  )
}

/** Open cases first, the most urgent on top; what is decided stays below. */
export function ReviewTable({
  cases,
  onOpen,
}: {
  readonly cases: readonly ReviewShown[]
  readonly onOpen: (caseId: string) => void
}) {
  const { t, time } = useShell()
  const now = useNow(60_000)
  const sorted = cases.toSorted(
    (a, b) => Number(a.verdict !== null) - Number(b.verdict !== null) || a.dueAt - b.dueAt,
  )
  return (
    <TableRoom
      className="reviews"
      label={t('reviews.title')}
      columns={(['what', 'who', 'where', 'reason', 'due', 'verdict'] as const).map((column) =>
        t(`reviews.col.${column}`),
      )}
    >
      {sorted.map((review) => (
        <tr key={review.caseId} data-open={review.verdict === null}>
          <th scope="row">
            {t(`reviews.kind.${review.kind}`)}
            {review.patient !== null && (
              <small>{t('reviews.patient', { patient: review.patient })}</small>
            )}
          </th>
          <td>
            {review.actor}
            <small>
              {review.witness === null
                ? t('reviews.noWitness')
                : t('reviews.witness', { witness: review.witness })}
            </small>
          </td>
          <td>
            {review.workstation}
            <small>
              {time.dateTime(review.startedAt)} –{' '}
              {review.endedAt === null ? t('reviews.running') : time.time(review.endedAt)}
            </small>
          </td>
          <td>
            {reviewReason(t, review)}
            <small>{review.note}</small>
          </td>
          <td>{review.verdict === null && <Due review={review} now={now} />}</td>
          <td>
            {review.verdict === null ? (
              <Action
                label={t('reviews.decideNamed', { name: review.actor })}
                onPress={() => onOpen(review.caseId)}
              >
                {t('reviews.decide')}
              </Action>
            ) : (
              <span className="review-done">
                <CircleCheck aria-hidden="true" />
                <span>
                  {t(`reviews.verdict.${review.verdict}`)}
                  {review.reviewer !== null && (
                    <small>{t('reviews.by', { name: review.reviewer })}</small>
                  )}
                </span>
              </span>
            )}
          </td>
        </tr>
      ))}
    </TableRoom>
  )
}
