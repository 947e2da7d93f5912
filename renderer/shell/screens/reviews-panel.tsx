import { useState } from 'react'
import type { Panel } from '../../../preload/shown/panel.ts'
import type { ReviewShown } from '../../../preload/shown/reviews.ts'
import { Message } from '../../ui/message.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { PanelFrame } from './panel-frame.tsx'
import { PanelTitle } from './panel-title.tsx'
import { ReviewDecision } from './review-decision.tsx'
import { ReviewTable } from './review-table.tsx'

/** The review queue of emergency accesses; one case at a time is decided on its own page. */
export function ReviewsPanel({ panel }: { readonly panel: Panel & { name: 'reviews' } }) {
  const { t } = useShell()
  const [caseId, setCaseId] = useState<string | null>(null)
  const { cases, failure } = panel
  const open: ReviewShown | undefined = cases?.find(
    (c) => c.caseId === caseId && c.verdict === null,
  )
  return (
    <PanelFrame wide>
      {open === undefined ? (
        <>
          <PanelTitle key="queue">{t('reviews.title')}</PanelTitle>
          <p className="lead">
            {cases === null
              ? t('reviews.lead')
              : t('reviews.open', { count: cases.filter((c) => c.verdict === null).length })}
          </p>
          {failure !== null && <Message tone="warn">{t(`reviews.failure.${failure}`)}</Message>}
          {cases === null && failure === null && <Progress>{t('reviews.loading')}</Progress>}
          {cases?.length === 0 && <Message tone="ok">{t('reviews.none')}</Message>}
          {cases !== null && cases.length > 0 && <ReviewTable cases={cases} onOpen={setCaseId} />}
        </>
      ) : (
        <ReviewDecision review={open} failure={failure} onBack={() => setCaseId(null)} />
      )}
    </PanelFrame>
  )
}
