import type { Panel } from '../../../preload/shown/panel.ts'
import { EnrolmentSteps } from './enrolment-steps.tsx'
import { PanelFrame } from './panel-frame.tsx'

/** A further passkey, in one's own session. */
export function EnrolmentPanel({ panel }: { readonly panel: Panel & { name: 'enrolment' } }) {
  return (
    <PanelFrame>
      <EnrolmentSteps enrolment={panel.enrolment} inside />
    </PanelFrame>
  )
}
