import { allowedValues, defaultValue } from './describe-setting.ts'
import { settings, type SettingName } from './settings.ts'

/** The settings as a Markdown page; `docs/policy.md` is this, formatted. */
export function documentPolicy(): string {
  const rows = (Object.keys(settings) as SettingName[]).map((name) =>
    [`\`${name}\``, settings[name].describe, allowedValues(name), defaultValue(name)]
      .map((cell) => cell.replaceAll('|', String.raw`\|`))
      .join(' | '),
  )
  return [
    '# Policy',
    '',
    '<!-- Generated from main/policy/settings.ts by scripts/policy-docs.ts. -->',
    '',
    'A policy file is a JSON object of setting names and values, for example:',
    '',
    '```json',
    JSON.stringify({ 'workstation.name': 'Ward 3 East', 'workstation.kind': 'corridor' }, null, 2),
    '```',
    '',
    'What a file does not name has its default. A value that is not allowed falls to the default,',
    'and Lanyard says so in its log and in `lanyard doctor`; so it does with names that it does not',
    'know and with a file that it cannot read. Durations are milliseconds.',
    '',
    'Rules between settings:',
    '',
    '- Where `shield.inactivity` is not set, `workstation.kind` decides: corridor 1 min, ward 5 min,',
    '  resuscitation 10 min.',
    '- `shield.countdown` is 20 s at least, and runs inside `shield.inactivity`.',
    '- `emergency.reviewEscalates` is never before `emergency.reviewDue`.',
    '',
    '| Setting | What it does | Allowed | Default |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n')
}
