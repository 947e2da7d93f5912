import { z } from 'zod'
import { siteFormats } from '../badge/formats/catalogue.ts'
import { serialPortSchema, transportSchema } from '../badge/reader-messages.ts'
import { siteProfilesSchema } from '../badge/site-profile.ts'
import { wedgeSchema } from '../badge/wedge.ts'

const minutes = (value: number) => value * 60_000
const hours = (value: number) => value * 3_600_000
const duration = (min: number, max: number) =>
  z.number().int().min(min).max(max).meta({ unit: 'ms' })

/**
 * One setting: its schema holds the ceiling that no site may exceed (docs/security.md, Assurance), its
 * default what a hospital gets that sets nothing. Durations are milliseconds.
 */
interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S
  readonly default: z.output<S>
  readonly describe: string
}
const setting = <S extends z.ZodType>(
  schema: S,
  fallback: z.output<S>,
  describe: string,
): Setting<S> => ({
  schema,
  default: fallback,
  describe,
})

/** The one table: reader, defaults and documentation come from it, policy templates later too. */
export const settings = {
  'workstation.name': setting(z.string().min(1).max(40), 'Workstation', 'Name on the lock screen'),
  'workstation.place': setting(z.string().max(40), '', 'Ward or room on the lock screen'),
  'workstation.kind': setting(
    z.enum(['ward', 'corridor', 'resuscitation']),
    'ward',
    'Place profile: a corridor shields after 1 minute, a resuscitation bay after 10',
  ),
  'screen.locale': setting(z.enum(['en', 'de']), 'en', 'Language of the screens'),
  'screen.theme': setting(z.enum(['light', 'night']), 'light', 'Theme at start'),
  'screen.nameBefore': setting(
    z.enum(['first-initial', 'initials', 'none']),
    'first-initial',
    'How much of a name shows before verification',
  ),

  'session.overall': setting(duration(minutes(15), hours(24)), hours(12), 'Overall session time'),
  'session.inactivity': setting(
    duration(minutes(5), minutes(60)),
    minutes(60),
    'Inactivity before the session ends',
  ),
  'session.tapGrace': setting(
    duration(0, hours(4)),
    hours(2),
    'A tap alone lifts the shield of a live session this long after the last user verification',
  ),
  'roaming.tapGrace': setting(
    duration(0, hours(4)),
    0,
    'A tap alone takes a session over from another workstation this long after the last user verification; 0: always a passkey',
  ),
  'roaming.secureWithin': setting(
    duration(500, 10_000),
    2_000,
    'A seat that a session left counts as unsecured when it has not confirmed its cover by then',
  ),
  'offline.life': setting(
    duration(0, hours(24)),
    hours(12),
    'How long people can sign in while the authority cannot be reached; 0: not at all',
  ),
  'offline.people': setting(
    z.number().int().min(0).max(500),
    200,
    'People whom a workstation remembers for that time, the last seen first',
  ),
  'offline.seenWithin': setting(
    duration(hours(1), hours(24 * 30)),
    hours(24 * 14),
    'Whom a workstation has not seen this long it does not remember',
  ),
  'machine.keyLife': setting(
    duration(hours(1), hours(24 * 90)),
    hours(24 * 30),
    'A workstation changes its key this often',
  ),
  'machine.tokenLife': setting(
    duration(minutes(1), minutes(60)),
    minutes(10),
    'Life of a workstation’s access token',
  ),
  'session.places': setting(
    z.number().int().min(2).max(8),
    4,
    'Sessions that can wait on one seat',
  ),
  'shield.inactivity': setting(
    duration(1_000, minutes(15)),
    minutes(5),
    'Inactivity before the countdown to the shield has run out',
  ),
  'shield.countdown': setting(
    duration(1_000, minutes(2)),
    30_000,
    'Countdown before the shield (20 s at least on a ward: WCAG 2.2.1)',
  ),
  'shield.ownerNotice': setting(
    duration(1_000, minutes(5)),
    minutes(1),
    'Idle time before the owner notice',
  ),

  'tap.ignoreAgain': setting(
    duration(0, 10_000),
    3_000,
    'The same badge again is ignored this long',
  ),
  'tap.lockNow': setting(
    duration(1_000, 15_000),
    5_000,
    'How long "Lock now?" waits for an answer',
  ),
  'tap.poll': setting(duration(50, 1000), 150, 'Poll interval of feature-report readers'),
  'tap.debounce': setting(duration(0, 10_000), 1_000, 'Same badge ignored this long after it left'),
  'tap.unknownLimit': setting(
    z.number().int().min(1).max(60),
    5,
    'Refused badges a minute before a reader cools down',
  ),
  'tap.coolDown': setting(duration(1_000, minutes(5)), 30_000, 'How long a reader cools down'),
  'badge.format': setting(
    z.enum(siteFormats),
    'H10301',
    'Card format that this site issued (`lanyard badge formats`); `raw` takes every word by its bits',
  ),
  'badge.profiles': setting(
    siteProfilesSchema,
    [],
    'What the readers of this site hand over, by model, port or name (docs/readers.md)',
  ),
  'badge.transports': setting(
    z.array(transportSchema).max(3),
    ['hid', 'pcsc'],
    'How the readers of this site are attached',
  ),
  'badge.serialPorts': setting(
    z.array(serialPortSchema).max(8),
    [],
    'Serial ports with a reader (docs/readers.md); the transport `serial` must be named too',
  ),
  'badge.wedge': setting(
    wedgeSchema.nullable(),
    null,
    'A reader that types, heard on the lock screen only (docs/readers.md)',
  ),
  'badge.loanerLife': setting(
    duration(minutes(30), hours(24)),
    hours(12),
    'A loaner badge ends this long after it was handed out, or with its bearer’s shift',
  ),
  'badge.walkTime': setting(
    duration(0, minutes(60)),
    30_000,
    'The same badge at another workstation sooner than this is reported; 0 turns it off',
  ),

  'passkey.autoStart': setting(z.boolean(), true, 'Start the passkey ceremony with the tap'),
  'passkey.timeout': setting(duration(10_000, minutes(5)), 60_000, 'Life of a challenge'),
  'passkey.attempts': setting(
    z.number().int().min(1).max(100),
    10,
    'Failed attempts before supervised unlock',
  ),
  'enrolment.codeLife': setting(
    duration(minutes(1), hours(24)),
    minutes(15),
    'Life of an enrolment code',
  ),

  'emergency.witnessed': setting(
    duration(minutes(1), hours(4)),
    minutes(60),
    'Identity fallback with a witness',
  ),
  'emergency.alone': setting(
    duration(minutes(1), hours(4)),
    minutes(15),
    'Authorization override alone',
  ),
  'emergency.requestLife': setting(
    duration(30_000, minutes(10)),
    minutes(2),
    'How long a request waits for its witness',
  ),
  'emergency.quota': setting(
    z.number().int().min(1).max(100),
    6,
    'Emergency accesses per person in 24 hours',
  ),
  'emergency.reviewDue': setting(duration(hours(1), hours(24)), hours(24), 'Review due after'),
  'emergency.reviewEscalates': setting(
    duration(hours(2), hours(72)),
    hours(72),
    'Review escalates after',
  ),

  'vault.allowFile': setting(
    z.boolean(),
    false,
    'Keep keys in a file when the operating system offers no secret store; for trials only',
  ),
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings
/** A full policy: every setting with a value inside its ceiling. */
export type Policy = { readonly [N in SettingName]: z.output<(typeof settings)[N]['schema']> }
