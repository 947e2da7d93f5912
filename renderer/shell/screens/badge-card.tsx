import { CircleCheck, IdCard, TriangleAlert } from 'lucide-react'
import type { BadgeShown } from '../../../preload/shown/badges.ts'
import { Action } from '../../ui/action.tsx'
import { CredentialCard } from '../../ui/credential-card.tsx'
import { useShell } from '../environment.tsx'

/** A card has two chips at most. */
const chips = 2

/** A card of one's own: what it is, whether it works, and what can be done with it. */
export function BadgeCard({ badge, only }: { readonly badge: BadgeShown; readonly only: boolean }) {
  const { t, act, time, snapshot } = useShell()
  const { cardId, name, kind, status, technologies, assignedAt, endsAt } = badge
  const { lastSeenAt, lastSeenWhere } = badge
  const lately = (at: number) => time.lately(at, snapshot.now)
  return (
    <CredentialCard
      icon={<IdCard aria-hidden="true" className="key-icon" />}
      name={name}
      actions={
        <>
          {status === 'active' && technologies.length < chips && (
            <Action
              kind="quiet"
              label={t('badges.addChipNamed', { name })}
              onPress={() => act('badges.add', { sameCard: cardId })}
            >
              {t('badges.addChip')}
            </Action>
          )}
          {status === 'lost' ? (
            <Action
              kind="quiet"
              label={t('badges.foundNamed', { name })}
              onPress={() => act('badges.found', { cardId })}
            >
              {t('badges.found')}
            </Action>
          ) : (
            <Action
              kind="quiet"
              label={t('badges.lostNamed', { name })}
              onPress={() => act('badges.lost', { cardId })}
            >
              {t('badges.lost')}
            </Action>
          )}
        </>
      }
      removal={{
        action: t('badges.detach'),
        named: t('badges.detachNamed', { name }),
        title: t('badges.detach.title', { name }),
        body: only ? t('badges.detach.last') : t('badges.detach.body'),
        keep: t('badges.detach.keep'),
        confirm: t('badges.detach.confirm'),
        onConfirm: () => act('badges.detach', { cardId }),
      }}
    >
      <p className="badge-status" data-status={status}>
        {status === 'active' ? (
          <CircleCheck aria-hidden="true" />
        ) : (
          <TriangleAlert aria-hidden="true" />
        )}
        <span>
          {t(`badges.status.${status}`)} ·{' '}
          {kind === 'permanent'
            ? t('badges.permanent')
            : endsAt === null
              ? t('badges.loaner')
              : t('badges.loanerUntil', { until: lately(endsAt) })}
        </span>
      </p>
      {status !== 'active' && <p>{t(`badges.status.${status}.body`)}</p>}
      <p>
        {lastSeenAt === null
          ? t('badges.neverSeen')
          : lastSeenWhere === null
            ? t('badges.seen', { at: lately(lastSeenAt) })
            : t('badges.seenAt', { at: lately(lastSeenAt), where: lastSeenWhere })}
      </p>
      <p className="key-kind">
        {[...technologies, t('badges.assigned', { date: time.date(assignedAt) })].join(' · ')}
      </p>
    </CredentialCard>
  )
}
