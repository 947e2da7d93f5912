import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { Policy } from '../../main/policy/settings.ts'
import type { DiaryLine } from '../sandbox/control.ts'
import { outsiderTraces } from './isolation.ts'
import type { Ward } from './open-ward.ts'
import * as screens from './screens.ts'

/** The ward's policy: the product's own, with the times of waiting short enough to watch. */
export const wardPolicy: Partial<Policy> = {
  'shield.inactivity': 14_000,
  'shield.countdown': 4_000,
  'shield.ownerNotice': 4_000,
}

export interface Telling {
  /** One line of the timeline; `ms` where something was timed. */
  say(line: string, ms?: number): void
  /** A picture of the window as it is now. */
  picture(name: string): Promise<void>
}

export interface Scene {
  readonly time: string
  readonly title: string
  readonly play: (ward: Ward, tell: Telling) => Promise<void>
}

const unsaved = 'Slept well, no pain. Family visits at ten.'

const type = (line: DiaryLine) => line.what['type']
const tapOf = ({ what }: { what: DiaryLine['what'] }) =>
  what['tap'] as Record<string, number | string>

/** What the tap that ends next took, leg by leg. */
async function tellTap(ward: Ward, tell: Telling, from: number, outcome: string): Promise<void> {
  const line = await ward.hand.waitFor(
    `a tap that ends as ${outcome}`,
    (what) => what['type'] === 'tap' && (what['tap'] as { outcome: string }).outcome === outcome,
    { from },
  )
  const tap = tapOf(line)
  const legs = ['read', 'resolve', 'person', 'verify', 'policy', 'switch', 'painted', 'application']
  for (const leg of legs) if (typeof tap[leg] === 'number') tell.say(`  ${leg}`, tap[leg])
  if (typeof tap['total'] === 'number') tell.say('  last byte to painted', tap['total'])
}

async function signIn(ward: Ward, tell: Telling, person: string, name: string): Promise<void> {
  const from = await ward.hand.mark()
  await ward.hand.key(person)
  await ward.hand.tap(person)
  await screens.workspaceOf(ward.shell, name)
  await tellTap(ward, tell, from, 'signed-in')
}

async function screensSince(ward: Ward, from: number): Promise<readonly unknown[]> {
  const lines = (await ward.hand.diary()).slice(from)
  return lines.filter((line) => type(line) === 'screen').map(({ what }) => what['screen'])
}

async function noViewVisible(ward: Ward): Promise<void> {
  assert.deepEqual(await ward.host.visibleViews(), [], 'an application view is still visible')
}

async function fillEmergency(page: Page, reason: string, note: string): Promise<void> {
  await page.getByRole('radio', { name: reason }).check({ force: true })
  await page.getByRole('textbox').last().fill(note)
}

export const wardScenario: readonly Scene[] = [
  {
    time: '07:00',
    title: 'A nurse taps: her applications, her patient',
    async play(ward, tell) {
      await screens.locked(ward.shell)
      await tell.picture('01-locked')
      await signIn(ward, tell, 'mary', 'Mary Underwood')
      const [ehr, imaging] = [await ward.view('ehr'), await ward.view('imaging')]
      await ehr.getByRole('heading', { name: /SAMPLE, Ada/ }).waitFor()
      await ehr.getByText('Mary Underwood').first().waitFor()
      await imaging
        .getByText(/SAMPLE/)
        .first()
        .waitFor()
      tell.say('EHR and imaging viewer are there, signed in as Mary Underwood, on her patient')
      await tell.picture('02-workspace')
      await ehr.getByRole('tab', { name: /Notes/ }).click()
      await (await ward.view('ehr')).locator('#note').fill(unsaved)
    },
  },
  {
    time: '07:20',
    title: 'She leaves; the shield comes down; a tap lifts it',
    async play(ward, tell) {
      const verified = await screens.assurance(ward.shell)
      await ward.shell.getByText(/Still there/).waitFor({ timeout: 20_000 })
      await noViewVisible(ward)
      await tell.picture('03-warning')
      await screens.lockedBy(ward.shell, 'Mary U.')
      tell.say('The countdown ran out; her work is kept behind the shield')
      await tell.picture('04-shield')
      const from = await ward.hand.mark()
      await ward.hand.key(null)
      await ward.hand.tap('mary')
      await screens.workspaceOf(ward.shell, 'Mary Underwood')
      await tellTap(ward, tell, from, 'resumed')
      assert.ok(!(await screensSince(ward, from)).includes('verifying'), 'a ceremony was asked for')
      assert.equal(await screens.assurance(ward.shell), verified, 'the assurance shown has changed')
      assert.equal(await (await ward.view('ehr')).locator('#note').inputValue(), unsaved)
      tell.say('Within the grace time a tap is enough; the assurance shown did not rise')
    },
  },
  {
    time: '07:31',
    title: 'A physician taps on her active screen, and she comes back',
    async play(ward, tell) {
      const hers = await ward.host.visibleViews()
      const from = await ward.hand.mark()
      await ward.hand.key('jonas')
      await ward.hand.tap('jonas')
      await screens.workspaceOf(ward.shell, 'Jonas Okafor-Lind')
      const tap = tapOf(
        await ward.hand.waitFor(
          'the tap that covered her work',
          (what) =>
            what['type'] === 'tap' && (what['tap'] as { outcome: string }).outcome === 'signed-in',
          { from },
        ),
      )
      tell.say('  her content hidden after', Number(tap['cover']))
      tell.say('  the cover painted after', Number(tap['coverPainted']))
      assert.ok(Number(tap['coverPainted']) < 1_000, 'her content stayed in sight')
      const ehr = await ward.view('ehr')
      await ehr.getByText('Jonas Okafor-Lind').first().waitFor()
      await ehr.getByRole('heading', { name: /TESTCASE, Wilma/ }).waitFor()
      await tell.picture('05-physician')
      const traces = await outsiderTraces(await ward.host.visibleViews(), hers)
      assert.deepEqual(traces, [], 'something of hers is reachable from his workspace')
      tell.say('His own workspace; her cookies, storage, tokens and titles are out of reach')
      // Two people's badges that come and go faster than this are both in the field.
      await ward.shell.waitForTimeout(1_500)
      const back = await ward.hand.mark()
      await ward.hand.tap('mary')
      await screens.workspaceOf(ward.shell, 'Mary Underwood')
      await tellTap(ward, tell, back, 'resumed')
      assert.equal(await (await ward.view('ehr')).locator('#note').inputValue(), unsaved)
      tell.say('She taps and is back where she was, her unsaved note included')
    },
  },
  {
    time: '08:10',
    title: 'She taps her own session: "Lock now?"',
    async play(ward, tell) {
      await ward.shell.waitForTimeout(3_200)
      const from = await ward.hand.mark()
      const tapped = Date.now()
      await ward.hand.tap('mary')
      const question = ward.shell.getByText('Lock now?')
      await question.waitFor()
      await ward.shell.waitForTimeout(Math.max(0, tapped + 1_600 - Date.now()))
      assert.ok(Date.now() - tapped < 2_800, 'this machine is too slow to tap twice within 3 s')
      await ward.hand.tap('mary')
      await tell.picture('06-lock-now')
      await question.waitFor({ state: 'hidden', timeout: 9_000 })
      await screens.workspaceOf(ward.shell, 'Mary Underwood')
      const seen = await screensSince(ward, from)
      assert.ok(!seen.includes('shielded'), 'the second tap within 3 s locked')
      tell.say('No answer for 5 s means go on; the same badge again within 3 s did nothing')
      await ward.shell.waitForTimeout(1_500)
      const held = await ward.hand.mark()
      await ward.hand.do({ do: 'hold', person: 'mary' })
      await question.waitFor()
      await ward.shell.waitForTimeout(4_000)
      await ward.hand.do({ do: 'reader', command: { do: 'remove' } })
      await question.waitFor({ state: 'hidden', timeout: 9_000 })
      const taps = (await ward.hand.diary())
        .slice(held)
        .filter((line) => type(line) === 'tap' && tapOf(line)['outcome'] === 'lock-now')
      assert.equal(taps.length, 1, 'a badge left on the reader was more than one tap')
      tell.say('A badge left on the reader for 4 s was one tap')
    },
  },
  {
    time: '09:02',
    title: 'Her security key is lost: identity fallback with a witness',
    async play(ward, tell) {
      await screens.signOut(ward.shell)
      await screens.locked(ward.shell)
      await ward.hand.key(null)
      await ward.hand.tap('mary')
      await ward.shell.getByRole('heading', { name: /Confirm it|No passkey found/ }).waitFor()
      await ward.shell.getByRole('button', { name: 'Emergency access' }).click()
      await ward.shell.getByRole('heading', { name: 'Emergency access' }).waitFor()
      await fillEmergency(
        ward.shell,
        'My security key is lost or at home',
        'Morning medication round on Willow Ward.',
      )
      await tell.picture('07-fallback-form')
      await ward.shell.getByRole('button', { name: 'Start emergency access' }).click()
      await ward.shell.getByRole('heading', { name: /Tap the second person/ }).waitFor()
      await tell.picture('08-witness')
      await ward.hand.key('jonas')
      await ward.hand.tap('jonas')
      const approve = ward.shell.getByRole('button', { name: 'Approve with passkey' })
      const frame = ward.shell.locator('.workspace[data-emergency="true"]')
      await approve.or(frame).first().waitFor()
      if (await approve.isVisible()) await approve.click()
      await frame.waitFor()
      await screens.workspaceOf(ward.shell, 'Mary Underwood')
      await ward.shell
        .getByText(/60:00|59:\d\d/)
        .first()
        .waitFor()
      const ehr = await ward.view('ehr')
      await ehr.getByRole('tab', { name: /Notes/ }).click()
      assert.ok(
        await (await ward.view('ehr')).getByRole('button', { name: 'Save note' }).isDisabled(),
      )
      await tell.picture('09-fallback-session')
      tell.say(
        'Named session, 60 minutes, reduced scope, countdown and red frame; the witness took no seat',
      )
      await ward.hand.do({ do: 'advance', ms: 60 * 60_000 })
      await ward.shell.getByText('The emergency access has ended.').waitFor()
      await noViewVisible(ward)
      tell.say('60 minutes later (the sandbox moved its clock on) it has ended by itself')
      await tell.picture('10-fallback-over')
    },
  },
  {
    time: '10:15',
    title: 'The physician breaks the glass; the review queue holds the case',
    async play(ward, tell) {
      // He tapped as a witness a moment ago, whatever the clock says now.
      await ward.shell.waitForTimeout(3_200)
      await signIn(ward, tell, 'jonas', 'Jonas Okafor-Lind')
      await ward.shell.getByRole('button', { name: 'Break the glass' }).click()
      await ward.shell.getByRole('heading', { name: 'Break the glass' }).waitFor()
      await ward.shell.getByRole('textbox', { name: 'Patient number' }).fill('p-231')
      await fillEmergency(
        ward.shell,
        'Emergency treatment',
        'Found unresponsive in the corridor, team on the way.',
      )
      await tell.picture('11-override-form')
      await ward.shell.getByRole('button', { name: 'Break the glass' }).last().click()
      await ward.shell.locator('.workspace[data-emergency="true"]').waitFor()
      await ward.shell
        .getByText(/15:00|14:\d\d/)
        .first()
        .waitFor()
      const end = Date.now() + 15_000
      for (;;) {
        const ehr = await ward.view('ehr')
        if (await ehr.getByRole('heading', { name: /FICTION, Nora/ }).isVisible()) {
          await ehr
            .getByText(/Break the glass/)
            .first()
            .waitFor()
          break
        }
        assert.ok(Date.now() < end, 'the EHR does not show the patient of the override')
        await ward.shell.waitForTimeout(50)
      }
      await tell.picture('12-glass-broken')
      tell.say(
        '15 minutes alone for one patient outside his list; the EHR shows the purpose of use BTG',
      )
      await signIn(ward, tell, 'petra', 'Petra Quill')
      await screens.menu(ward.shell, 'Reviews')
      await ward.shell.getByRole('heading', { name: 'Reviews' }).waitFor()
      await ward.shell.getByText('p-231').first().waitFor()
      await ward.shell.getByText('Jonas Okafor-Lind').first().waitFor()
      await tell.picture('13-reviews')
      tell.say('The privacy officer finds both cases in the review queue')
      await ward.shell.keyboard.press('Escape')
      await screens.signOut(ward.shell)
    },
  },
  {
    time: '15:30',
    title: 'Both leave: sign-out revokes everything',
    async play(ward, tell) {
      const from = await ward.hand.mark()
      await ward.hand.key('jonas')
      await ward.hand.tap('jonas')
      await screens.workspaceOf(ward.shell, 'Jonas Okafor-Lind')
      const before = await ward.hand.do({ do: 'introspect', application: 'ehr' })
      assert.equal(before['active'], true, 'the token is not active during the session')
      await screens.signOut(ward.shell)
      await screens.locked(ward.shell)
      const after = await ward.hand.do({ do: 'introspect', application: 'ehr' })
      assert.equal(after['active'], false, 'the token outlived the session')
      tell.say('The token taken during the session is inactive at the next introspection')
      const cleared = await ward.hand.waitFor(
        'the cleared slot',
        (what) => what['type'] === 'slot-cleared',
        { from },
      )
      assert.equal(cleared.what['verified'], true, 'the slot was not proven to be empty')
      tell.say('His partition slot is cleared, and the clearing was checked')
      await tell.picture('14-signed-out')
    },
  },
  {
    time: '15:40',
    title: 'The log is exported and proves itself',
    async play(ward, tell) {
      const file = join(ward.directory, 'audit.jsonl')
      const exported = await ward.lanyard(
        'audit',
        'export',
        '--data',
        ward.directory,
        '--out',
        file,
      )
      assert.equal(exported.code, 0, exported.output)
      const good = await ward.lanyard('audit', 'verify', file)
      assert.equal(good.code, 0, good.output)
      tell.say(good.output.trim().split('\n')[0] ?? '')
      const text = await readFile(file, 'utf8')
      const lines = text.split('\n')
      const index = lines.findIndex((line) => line.includes('override.started'))
      const line = lines[index] ?? ''
      const seq = (JSON.parse(line) as { seq: number }).seq
      lines[index] = line.replace('override.started', 'override.starteD')
      const forged = join(ward.directory, 'audit-forged.jsonl')
      await writeFile(forged, lines.join('\n'))
      const bad = await ward.lanyard('audit', 'verify', forged)
      assert.equal(bad.code, 1, bad.output)
      assert.match(bad.output, new RegExp(`\\b${seq}\\b`), 'the bad record is not named')
      tell.say(`One byte changed in the export: ${bad.output.trim().split('\n')[0]}`)
    },
  },
]
