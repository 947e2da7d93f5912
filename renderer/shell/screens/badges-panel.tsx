import { Plus } from 'lucide-react'
import type { Panel } from '../../../preload/shown/panel.ts'
import { Action, Actions } from '../../ui/action.tsx'
import { Message } from '../../ui/message.tsx'
import { Progress } from '../../ui/progress.tsx'
import { useShell } from '../environment.tsx'
import { BadgeCard } from './badge-card.tsx'
import { PanelFrame } from './panel-frame.tsx'
import { PanelProof } from './panel-proof.tsx'
import { PanelTitle } from './panel-title.tsx'

type BadgesShown = Panel & { readonly name: 'badges' }

function Badges({ badges, failure }: Pick<BadgesShown, 'badges' | 'failure'>) {
  const { t, act } = useShell()
  return (
    <>
      <PanelTitle>{t('badges.title')}</PanelTitle>
      <p className="lead">{t('badges.lead')}</p>
      {failure !== null && <Message tone="warn">{t(`refusal.${failure}`)}</Message>}
      {badges === null && failure === null && <Progress>{t('badges.loading')}</Progress>}
      {badges?.length === 0 && <Message tone="info">{t('badges.none')}</Message>}
      {badges !== null && badges.length > 0 && (
        <ul className="key-list">
          {badges.map((badge) => (
            <BadgeCard key={badge.cardId} badge={badge} only={badges.length === 1} />
          ))}
        </ul>
      )}
      <Actions>
        {badges !== null ? (
          <Action
            kind="primary"
            icon={<Plus aria-hidden="true" />}
            onPress={() => act('badges.add', { sameCard: null })}
          >
            {t('badges.add')}
          </Action>
        ) : (
          failure !== null && (
            <Action kind="primary" keyboard="enter" onPress={() => act('badges.open', {})}>
              {t('action.tryAgain')}
            </Action>
          )
        )}
      </Actions>
    </>
  )
}

/** One's own badges: add, report lost, find again with a passkey, detach. */
export function BadgesPanel({ panel }: { readonly panel: BadgesShown }) {
  const { t } = useShell()
  return (
    <PanelFrame>
      {panel.proof === null ? (
        <Badges badges={panel.badges} failure={panel.failure} />
      ) : (
        <PanelProof proof={panel.proof} lead={t('badges.found.confirm')} />
      )}
    </PanelFrame>
  )
}
