import type { Handlers } from '../context.ts'
import type { EventHub } from '../events/index.ts'
import type { Application, Request } from '../protocol/index.ts'
import type { AuditEventName } from '../../audit/events.ts'
import { inLots } from '../in-lots.ts'
import { lockOf } from '../locks.ts'
import { acknowledgeRestart } from '../roaming/acknowledge.ts'
import type { Services } from '../services.ts'
import { openSessions } from '../sessions/session-rows.ts'
import { isLive, viewSession } from '../sessions/session-views.ts'

type ReportName = Request<'workstation.report'>['event']

const recordedAs: Readonly<Record<ReportName, AuditEventName>> = {
  'agent-started': 'agent.started',
  'agent-stopping': 'agent.stopping',
  'reader-ready': 'reader.changed',
  'reader-missing': 'reader.changed',
  'reader-silent': 'reader.changed',
  'reader-babbling': 'reader.changed',
  'reader-failing': 'reader.failing',
  'two-badges': 'badge.two-at-once',
  'clock-jumped': 'clock.jumped',
  'navigation-refused': 'workstation.reported',
  'permission-refused': 'workstation.reported',
  'view-crashed': 'workstation.reported',
  'tap-timed': 'workstation.reported',
}

export interface AgentOptions extends Services {
  readonly applications: readonly Application[]
  readonly events: Pick<EventHub, 'open'>
}

/** What an agent asks and tells about itself. */
export function createAgentCalls({
  db,
  policy,
  record,
  unit,
  now,
  rpId,
  origin,
  applications,
  events,
  agentPolicy = () => ({}),
}: AgentOptions): Pick<Handlers, 'agent.hello' | 'workstation.report'> {
  const openAt = inLots(async (workstationIds: readonly string[]) => {
    const rows = Map.groupBy(
      await openSessions(db.read, workstationIds),
      (row) => row.workstation_id,
    )
    return workstationIds.map((id) => rows.get(id) ?? [])
  })
  return {
    async 'agent.hello'(_request, { workstation }) {
      // Before the sessions are read: an event in between comes again, and is none the worse for it.
      const seq = await events.open(workstation.id)
      const at = now()
      const live = (await openAt(workstation.id)).filter((row) => isLive(row, policy, at))
      return {
        now: at,
        rpId,
        origin,
        seq,
        sessions: await Promise.all(live.map((row) => viewSession(db.read, row, policy, at))),
        applications: applications.map(({ id, name, kind, origins }) => ({
          id,
          name,
          kind,
          origins: [...origins],
        })),
        policy: { ...agentPolicy() },
        offline: null,
      }
    },

    async 'workstation.report'({ event, detail }, { workstation }) {
      await unit(
        async (work) => {
          await record(work.tx, recordedAs[event], {
            workstation: workstation.id,
            detail: { ...detail, event },
          })
          if (event === 'agent-started')
            await acknowledgeRestart({ policy, record }, work, workstation.id)
        },
        // Seats that were marked, and are secured now, are news for people elsewhere.
        event === 'agent-started' ? {} : lockOf({ personId: null, workstationId: workstation.id }),
      )
      return {}
    },
  }
}
