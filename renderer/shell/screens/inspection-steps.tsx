import type { InspectionShown } from '../../../preload/shown/readers.ts'
import { TableRoom } from '../../ui/table-room.tsx'
import { useShell } from '../environment.tsx'

/** Formats that the word fits; which of them the site issued, only the site knows. */
function Candidates({ candidates }: Pick<InspectionShown, 'candidates'>) {
  const { t } = useShell()
  return (
    <TableRoom
      className="candidates"
      label={t('readers.step.candidates')}
      columns={(['format', 'facility', 'number', 'parity'] as const).map((column) =>
        t(`readers.col.${column}`),
      )}
    >
      {candidates.map(({ format, facility, number, parity }) => (
        <tr key={format}>
          <th scope="row">{format}</th>
          <td>{facility}</td>
          <td>{number}</td>
          <td>{parity ? t('readers.parity.yes') : t('readers.parity.no')}</td>
        </tr>
      ))}
    </TableRoom>
  )
}

/** What the authority says of the badge; where there is no badge, nothing was asked. */
function Known({ known, result }: Pick<InspectionShown, 'known' | 'result'>) {
  const { t } = useShell()
  if (result.outcome === 'no-badge') return t('readers.notAsked')
  if (known === null) return t('readers.asking')
  return (
    <>
      {t(`readers.known.${known.status}`)} · {t('readers.tag')} <code>{known.tag}</code>
    </>
  )
}

/** One tap from the reader's bytes to what it is to the authority, in the order of the decoding. */
export function InspectionSteps({ inspection }: { readonly inspection: InspectionShown }) {
  const { t } = useShell()
  const { raw, transforms, candidates, profile, result, known } = inspection
  return (
    <dl className="facts inspection">
      <dt>{t('readers.step.raw')}</dt>
      <dd>
        <code>{raw}</code>
      </dd>
      <dt>{t('readers.step.transforms')}</dt>
      <dd>{transforms.length === 0 ? t('readers.noTransforms') : transforms.join(', ')}</dd>
      <dt>{t('readers.step.candidates')}</dt>
      <dd>
        {candidates.length === 0 ? (
          t('readers.noCandidates')
        ) : (
          <Candidates candidates={candidates} />
        )}
      </dd>
      <dt>{t('readers.step.profile')}</dt>
      <dd>{profile === '' ? t('readers.noProfile') : profile}</dd>
      <dt>{t('readers.step.identity')}</dt>
      <dd>
        {result.outcome === 'badge' ? (
          <>
            <code>{result.identity}</code>
            {result.refusedAtEnrolment !== null && (
              <p className="inspection-warn">{t(`readers.refused.${result.refusedAtEnrolment}`)}</p>
            )}
          </>
        ) : (
          t(`readers.noBadge.${result.reason}`)
        )}
      </dd>
      <dt>{t('readers.step.authority')}</dt>
      <dd>
        <Known known={known} result={result} />
      </dd>
    </dl>
  )
}
