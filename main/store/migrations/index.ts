import type { Migration } from '../migrate.ts'
import { audit } from './0001-audit.ts'
import { authority } from './0002-authority.ts'
import { up as oauth } from './0003-oauth.ts'
import { badges } from './0004-badges.ts'
import { events } from './0005-events.ts'
import { machines } from './0006-machines.ts'
import { roaming } from './0007-roaming.ts'
import { directory } from './0008-directory.ts'
import { offline } from './0009-offline.ts'
import { service } from './0010-service.ts'
import { directoryLookups } from './0011-directory-lookups.ts'
import { offlineAttempts } from './0012-offline-attempts.ts'
import { ownLookups } from './0013-own-lookups.ts'
import { connectionLookups } from './0014-connection-lookups.ts'

/**
 * Every step of the schema in order; one that was released is never changed. No deferred
 * constraints: they would fail the commit of a whole batch instead of one write.
 */
export const migrations: readonly Migration[] = [
  audit,
  authority,
  { name: '0003-oauth', up: oauth },
  badges,
  events,
  machines,
  roaming,
  directory,
  offline,
  service,
  directoryLookups,
  offlineAttempts,
  ownLookups,
  connectionLookups,
]
