import type { ApplicationShown } from '../../preload/shown/session.ts'
import type { Panel } from '../../preload/shown/panel.ts'
import type { PasskeyShown } from '../../preload/shown/passkeys.ts'
import type { Screen } from '../../preload/shown/screen.ts'
import { anselm, at, mary, now, ottilie, session } from './people.ts'
import type { Sample } from './samples.ts'

export const ehr: ApplicationShown = {
  id: 'ehr',
  name: 'Meadow EHR',
  kind: 'ehr',
  state: 'ready',
  focused: true,
}
export const imaging: ApplicationShown = {
  id: 'imaging',
  name: 'Meadow Imaging',
  kind: 'imaging',
  state: 'ready',
  focused: false,
}

export const active = {
  name: 'active',
  session: session(mary),
  applications: [ehr, imaging],
  banner: null,
  panel: null,
} as const satisfies Screen

export const passkeys: readonly PasskeyShown[] = [
  {
    passkeyId: 'one',
    name: 'Blue key on my keyring',
    createdAt: at(7, 0) - 40 * 86_400_000,
    lastUsedAt: at(7, 2),
    synced: false,
  },
  {
    passkeyId: 'two',
    name: 'Phone',
    createdAt: at(7, 0) - 12 * 86_400_000,
    lastUsedAt: null,
    synced: true,
  },
]

const panel = (id: string, panel: Panel): Sample => ({ id, screen: { ...active, panel } })

export const workspaceSamples: readonly Sample[] = [
  { id: 'active', screen: active },
  {
    id: 'active.opening',
    screen: {
      ...active,
      applications: [ehr, { ...imaging, state: 'opening' }].map((a) => ({
        ...a,
        state: 'opening',
      })),
    },
  },
  {
    id: 'active.failed',
    screen: { ...active, applications: [ehr, { ...imaging, state: 'failed' }] },
  },
  {
    id: 'active.alone',
    authority: {
      state: 'online',
      since: at(7, 44),
      alone: { since: at(7, 44), until: at(19, 44), over: false },
    },
    screen: { ...active, applications: [ehr, { ...imaging, state: 'failed' }] },
  },
  {
    id: 'active.long-name',
    screen: {
      ...active,
      session: session(ottilie, { tapGraceUntil: at(7, 2), mayReview: true }),
    },
  },
  {
    id: 'active.banner.lock-now',
    screen: { ...active, banner: { code: 'lock-now', until: now + 5000 } },
  },
  ...(['owner', 'verified', 'two-badges'] as const).map((code): Sample => ({
    id: `active.banner.${code}`,
    screen: { ...active, banner: { code } },
  })),
  {
    id: 'active.banner.continued',
    screen: { ...active, banner: { code: 'continued', where: 'Ward 3', at: at(7, 44) } },
  },
  {
    id: 'active.override.continued',
    screen: {
      ...active,
      session: session(anselm, { override: { patient: 'MRN-20417', endsAt: now + 14 * 60_000 } }),
      banner: { code: 'continued', where: 'W3-NURSE-02', at: at(7, 44) },
    },
  },
  {
    id: 'active.banner.badge-refused',
    screen: { ...active, banner: { code: 'badge-refused', mayAdd: false } },
  },
  { id: 'warning', screen: { name: 'warning', session: session(mary), until: now + 30_000 } },
  panel('passkeys.loading', { name: 'passkeys', passkeys: null }),
  panel('passkeys.none', { name: 'passkeys', passkeys: [] }),
  panel('passkeys.one', { name: 'passkeys', passkeys: passkeys.slice(0, 1) }),
  panel('passkeys', { name: 'passkeys', passkeys }),
  {
    id: 'active.physician',
    screen: { ...active, session: session(anselm, { verifiedAt: at(7, 38) }) },
  },
]
