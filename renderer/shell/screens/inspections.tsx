import { ChevronDown, CircleCheck, TriangleAlert } from 'lucide-react'
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components'
import type { InspectionShown } from '../../../preload/shown/readers.ts'
import { Progress } from '../../ui/progress.tsx'
import { Status } from '../../ui/status.tsx'
import { useShell } from '../environment.tsx'
import { InspectionSteps } from './inspection-steps.tsx'

/** When, at which reader, and whether it was a badge. */
function Summary({ inspection }: { readonly inspection: InspectionShown }) {
  const { t, time } = useShell()
  const { at, model, result } = inspection
  const read = result.outcome === 'badge'
  return (
    <>
      {read ? <CircleCheck aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
      <span>
        {read ? t('readers.badge') : t('readers.noBadge')} · {time.seconds(at)} · {model}
      </span>
    </>
  )
}

/** The last tap in full, those before it folded. */
export function Inspections({ inspections }: { readonly inspections: readonly InspectionShown[] }) {
  const { t } = useShell()
  const [last, ...earlier] = inspections
  if (last === undefined) return <Progress>{t('readers.waiting')}</Progress>
  return (
    <>
      <article className="inspection-last">
        <h3 className="unseen">{t('readers.last')}</h3>
        <Status className="inspection-summary">
          <Summary inspection={last} />
        </Status>
        <InspectionSteps inspection={last} />
      </article>
      {earlier.length > 0 && (
        <section className="inspections-earlier">
          <h3>{t('readers.earlier')}</h3>
          {earlier.map((inspection) => (
            <Disclosure key={inspection.at} className="fold">
              <Heading level={4}>
                <Button slot="trigger" className="fold-trigger inspection-summary">
                  <Summary inspection={inspection} />
                  <ChevronDown aria-hidden="true" className="fold-mark" />
                </Button>
              </Heading>
              <DisclosurePanel className="fold-panel">
                <InspectionSteps inspection={inspection} />
              </DisclosurePanel>
            </Disclosure>
          ))}
        </section>
      )}
    </>
  )
}
