import { expect, test } from 'vitest'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { Call } from '../authority/protocol/procedures.ts'
import type { SessionView } from '../authority/protocol/views.ts'
import type { ReaderCommand } from '../badge/reader-messages.ts'
import { createSeatClock } from './clock.ts'
import type { Observation } from './observation.ts'
import { createSeatDriver } from './seat-driver.ts'
import {
  aCredential,
  aHello,
  aPerson,
  aPolicy,
  aSession,
  anIdentity,
  anInspection,
} from './seat/testing/builders.ts'
import { FakeTimers } from './testing.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

const seat = () => {
  /** What happened, in order: what is on the glass, what was pushed, what was asked. */
  const log: string[] = []
  const calls: { call: Call; params: Record<string, unknown> }[] = []
  const snapshots: Snapshot[] = []
  const observations: Observation[] = []
  const answers = new Map<string, unknown>()
  const timers = new FakeTimers()
  const commands: ReaderCommand[] = []
  let monotonic = 0
  let wall = 1_000_000
  const driver = createSeatDriver({
    policy: aPolicy(),
    clock: createSeatClock({ wall: () => wall, monotonic: () => monotonic }),
    workspace: {
      show: (sessionId) => log.push(`show ${sessionId}`),
      open: (sessionId, slot) => {
        log.push(`open ${sessionId} ${slot}`)
        return Promise.resolve()
      },
      relaunch: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    reader: {
      send: (command) => {
        commands.push(command)
        log.push(`reader ${command.type}`)
      },
    },
    push: (snapshot) => {
      snapshots.push(snapshot)
      log.push(`push ${snapshot.screen.name}`)
    },
    observe: (observation) => observations.push(observation),
    timers,
  })
  const client = {
    call: (call: Call, params: never) => {
      log.push(`ask ${call}`)
      calls.push({ call, params })
      const answer = answers.get(call)
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? {})
    },
  }
  driver.start()
  driver.connect(client as never)
  const pass = (ms: number) => {
    monotonic += ms
    wall += ms
  }
  const jump = (ms: number) => {
    wall += ms
  }
  const tap = (badge: string) =>
    driver.tap({ type: 'tap', reader: 'r', badge, refusedAtEnrolment: null, at: monotonic - 1 })
  const now = () => 1_000_000 + monotonic
  return {
    driver,
    log,
    commands,
    calls,
    snapshots,
    observations,
    answers,
    timers,
    pass,
    jump,
    tap,
    now,
  }
}

const signedIn = async (overrides: Partial<SessionView> = {}) => {
  const all = seat()
  const { driver, answers, now } = all
  driver.call({ type: 'call', name: 'shell.ready', input: {} })
  await driver.online(aHello(now()))
  answers.set('tap.identify', anIdentity('mira', now()))
  const session = aSession('mira', now(), overrides)
  answers.set('session.start', { outcome: 'signed-in', session, movedFrom: null })
  all.tap('H10301|1')
  await settle()
  const ceremonyId = `ceremony-mira-${now()}`
  const input = { ceremonyId, response: aCredential }
  expect(driver.call({ type: 'call', name: 'passkey.assert', input })).toEqual({ ok: true })
  await settle()
  driver.dispatch({ type: 'workspace.opened', sessionId: session.sessionId })
  all.pass(4_000)
  all.log.length = 0
  return all
}

test('before the page is ready nothing is pushed; then it gets what is so now', () => {
  const { driver, log } = seat()
  expect(log.filter((line) => line.startsWith('push'))).toEqual([])
  driver.call({ type: 'call', name: 'shell.ready', input: {} })
  expect(log.at(-1)).toBe('push starting')
})

test('a tap on an open workspace hides it, then tells the shell, then asks whose it was', async () => {
  const { log, tap, observations } = await signedIn()
  tap('H10301|2')
  expect(log.slice(0, 3)).toEqual(['show null', 'push identifying', 'ask tap.identify'])
  const shown = observations.flatMap((one) => (one.type === 'workspace' ? [one.sessionId] : []))
  expect(shown).toEqual(['session-mira', null])
})

test('the badge goes to the authority and nowhere else', async () => {
  const { calls, snapshots, observations, driver } = await signedIn()
  expect(calls.find(({ call }) => call === 'tap.identify')?.params).toMatchObject({
    badge: 'H10301|1',
  })
  const elsewhere = JSON.stringify([snapshots, observations, driver.state])
  expect(elsewhere).not.toContain('H10301|1')
})

test('a call that does not fit the screen is refused with a code', async () => {
  const { driver } = await signedIn()
  const refused = driver.call({ type: 'call', name: 'fallback.decline', input: {} })
  expect(refused).toEqual({ ok: false, code: 'not-now' })
})

test('an authority that does not answer becomes a failure with its code', async () => {
  const { driver, answers, snapshots, pass, tap } = await signedIn()
  driver.call({ type: 'call', name: 'seat.lock', input: {} })
  answers.set('tap.identify', new AuthorityError('unreachable', 'gone'))
  pass(4_000)
  tap('H10301|2')
  await settle()
  expect(snapshots.at(-1)?.screen).toMatchObject({ notice: { code: 'offline' } })
})

test('what the authority did not hear in an outage it hears afterwards, in order', async () => {
  const { driver, answers, calls, now } = await signedIn()
  const gone = new AuthorityError('unreachable', 'gone')
  answers.set('session.shield', gone).set('workstation.report', gone)
  driver.dispatch({ type: 'authority.offline' })
  driver.call({ type: 'call', name: 'seat.lock', input: {} })
  driver.dispatch({ type: 'two-badges', reader: 'r' })
  await settle()
  answers.delete('session.shield')
  answers.delete('workstation.report')
  calls.length = 0
  await driver.online(aHello(now(), [aSession('mira', now())]))
  expect(calls.slice(0, 2).map(({ call }) => call)).toEqual([
    'session.shield',
    'workstation.report',
  ])
})

test('a session that moved is off the glass before the authority hears that it is', async () => {
  const { driver, log, now } = await signedIn()
  const { sessionId } = aSession('mira', now())
  log.length = 0
  driver.dispatch({
    type: 'authority.event',
    event: {
      seq: 1,
      type: 'session.ended',
      sessionId,
      reason: 'moved',
      moved: { where: 'Ward 5', at: now() },
    },
  })
  expect(log).toEqual(['show null', 'push locked', 'ask session.secured'])
})

test('the same after an outage, before anything that waited is told', async () => {
  const { driver, answers, log, now } = await signedIn()
  driver.dispatch({ type: 'authority.offline' })
  answers.set('workstation.report', new AuthorityError('unreachable', 'gone'))
  driver.dispatch({ type: 'two-badges', reader: 'r' })
  await settle()
  answers.delete('workstation.report')
  log.length = 0
  await driver.online(aHello(now()))
  const asked = ['ask session.secured', 'ask workstation.report', 'ask session.end']
  expect(log).toEqual(['show null', 'push locked', ...asked, 'show null', 'push locked'])
})

test('one timer, set to the next deadline', async () => {
  const { driver, timers, snapshots, pass } = await signedIn()
  driver.dispatch({ type: 'activity' })
  expect(timers.waiting).toHaveLength(1)
  for (let waited = 0; waited < 300_000;) {
    const ms = timers.waiting[0]?.ms ?? 0
    pass(ms)
    waited += ms
    timers.next()
  }
  expect(timers.waiting).toHaveLength(1)
  expect(snapshots.map(({ screen }) => screen.name)).toContain('warning')
  expect(snapshots.at(-1)?.screen.name).toBe('shielded')
})

test('a jump of the wall clock is reported and ends nothing', async () => {
  const { driver, calls, jump } = await signedIn()
  jump(86_400_000)
  driver.dispatch({ type: 'activity' })
  expect(driver.state.phase.name).toBe('active')
  expect(calls.at(-1)).toEqual({
    call: 'workstation.report',
    params: { event: 'clock-jumped', detail: { ms: 86_400_000 } },
  })
})

test('a tap is timed to the paint of its last screen, and reported by leg', async () => {
  const { driver, observations, calls, tap, answers, pass, now, snapshots } = await signedIn()
  driver.call({ type: 'call', name: 'seat.lock', input: {} })
  const session = driver.state.sessions[0]?.view ?? null
  answers.set('tap.identify', anIdentity('mira', now(), session))
  answers.set('session.resume', { outcome: 'signed-in', session, movedFrom: null })
  pass(4_000)
  tap('H10301|1')
  await settle()
  expect(driver.state.phase.name).toBe('active')
  pass(20)
  const version = snapshots.at(-1)?.version ?? 0
  driver.call({ type: 'call', name: 'shell.painted', input: { version } })
  expect(observations.at(-1)).toMatchObject({
    type: 'tap',
    tap: { outcome: 'resumed', read: 1, painted: 20, total: 21 },
  })
  await settle()
  const told = calls.filter(({ params }) => params['event'] === 'tap-timed')
  expect(told.at(-1)?.params['detail']).toMatchObject({ outcome: 'resumed', total: 21 })
})

const refusedBadge = async () => {
  const all = await signedIn()
  all.answers.set('tap.identify', { outcome: 'refused' })
  all.driver.tap({
    type: 'tap',
    reader: 'r',
    badge: 'H10301|7',
    refusedAtEnrolment: 'random',
    at: 1,
  })
  await settle()
  return all
}
const begun = { outcome: 'tap-again', enrolmentId: 'e1', expiresAt: 9_999_999 }
const add = { type: 'call', name: 'badges.add', input: { sameCard: null } } as const

test('the refused badge goes to the authority once its owner adds it, then the second tap', async () => {
  const { driver, calls, answers, tap, snapshots } = await refusedBadge()
  answers.set('badge.begin', begun).set('badges.list', { badges: [] })
  expect(driver.call(add)).toEqual({ ok: true })
  await settle()
  const begin = calls.find(({ call }) => call === 'badge.begin')
  expect(begin?.params).toMatchObject({ badge: 'H10301|7', refusedAtEnrolment: 'random' })
  answers.set('badge.confirm', { outcome: 'agreed', loanerOnly: false })
  tap('H10301|7')
  await settle()
  const confirm = calls.find(({ call }) => call === 'badge.confirm')
  expect(confirm?.params).toMatchObject({ enrolmentId: 'e1', badge: 'H10301|7' })
  expect(confirm?.params['tapId']).not.toBe(begin?.params['tapId'])
  expect(confirm?.params).not.toHaveProperty('refusedAtEnrolment')
  expect(snapshots.at(-1)?.screen).toMatchObject({ panel: { enrolment: { step: 'form' } } })
  expect(JSON.stringify([snapshots, driver.state])).not.toContain('H10301|7')
})

test('after its banner the refused badge is forgotten: the first tap is asked for', async () => {
  const { driver, calls, answers, pass, snapshots } = await refusedBadge()
  answers.set('badges.list', { badges: [] })
  pass(6_000)
  driver.call(add)
  await settle()
  expect(calls.map(({ call }) => call)).not.toContain('badge.begin')
  expect(snapshots.at(-1)?.screen).toMatchObject({ panel: { enrolment: { step: 'first-tap' } } })
})

const atTestPage = async () => {
  const all = await signedIn({ person: { ...aPerson('mira'), role: 'it-engineer' } })
  all.answers.set('readers.open', { outcome: 'allowed' })
  all.driver.call({ type: 'call', name: 'readers.open', input: {} })
  await settle()
  all.commands.length = 0
  return all
}

test('what a reader saw is looked up with its badge, which is nowhere else', async () => {
  const { driver, answers, calls, snapshots, observations, commands } = await atTestPage()
  answers.set('readers.test', { outcome: 'tested', tag: '01ab23', status: 'active' })
  driver.inspection({ type: 'inspection', inspection: anInspection(), badge: 'H10301|9' })
  driver.inspection({ type: 'inspection', inspection: anInspection(), badge: null })
  await settle()
  const asked = calls.filter(({ call }) => call === 'readers.test')
  expect(asked.map(({ params }) => params)).toEqual([
    { sessionId: 'session-mira', badge: 'H10301|9' },
  ])
  expect(snapshots.at(-1)?.screen).toMatchObject({
    panel: { inspections: [{ known: null }, { known: { status: 'active' } }] },
  })
  expect(JSON.stringify([snapshots, observations, driver.state])).not.toContain('H10301|9')
  expect(commands.map(({ type }) => type)).toEqual(['feedback', 'feedback'])
})

test('readers hear that they are tested, and that they are not any more', async () => {
  const { driver, commands } = await atTestPage()
  driver.dispatch({ type: 'machine.leaving' })
  expect(commands).toEqual([{ type: 'inspect', on: false, reveal: false }])
})

test('a reader whose readings fail more often is reported', async () => {
  const { driver, calls } = await signedIn()
  const counted = { failures: 9, readings: 40 }
  driver.quality({ type: 'quality', reader: 'r', model: 'pcProx', ...counted })
  await settle()
  expect(calls.at(-1)).toEqual({
    call: 'workstation.report',
    params: { event: 'reader-failing', detail: { reader: 'r', ...counted } },
  })
})
