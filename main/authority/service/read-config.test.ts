import { expect, test } from 'vitest'
import { ConfigError, parseConfig } from './read-config.ts'

const good = `
url: https://lanyard.willowbrook.example
rpId: willowbrook.example
tls: { certificate: tls.crt, key: tls.key }
database: { host: db.willowbrook.example, name: lanyard, user: lanyard, passwordFile: password }
`

const faultsOf = (text: string): readonly string[] => {
  try {
    parseConfig(text, 'authority.yaml')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

test('a small configuration is enough, and the rest has its default', () => {
  const { config, policy, given } = parseConfig(good, 'authority.yaml')
  expect(config).toMatchObject({
    listen: { host: '0.0.0.0', port: 8443 },
    database: { port: 5432, schema: 'lanyard', poolSize: 16 },
    keys: { file: 'credential:keys.json' },
    log: { level: 'info' },
    load: { calls: 256, answerWithin: 2_000 },
    applications: [],
  })
  expect(config.metrics).toBeUndefined()
  expect(given).toEqual({})
  expect(policy['session.inactivity']).toBe(3_600_000)
})

test('JSON is read, too, and policy becomes that of all', () => {
  const { config } = parseConfig(good, 'x')
  const text = JSON.stringify({ ...config, policy: { 'session.inactivity': 600_000 } })
  expect(parseConfig(text, 'x').policy['session.inactivity']).toBe(600_000)
})

test.each(['sslmode=disable', 'host=db.elsewhere.example', '%73slmode=disable'])(
  'an address of the database with the option %s, which would go over TLS and place, is refused',
  (option) => {
    const url = `postgresql://lanyard@localhost:5432/lanyard?${option}`
    const text = good.replace(/database:.*/, `database: { url: "${url}" }`)
    expect(() => parseConfig(text, 'x')).toThrow(/database.url .*without options/)
  },
)

test.each([
  [
    'colour: red',
    'colour is not known. Known here: url, names, rpId, listen, tls, trustedProxy, database, keys, applications, directory, policy, log, metrics, keptCheckpoint, seed, load, stop.',
  ],
  ['lisen: { port: 1 }', 'lisen is not known. Did you mean listen?'],
  ['listen: { prot: 1 }', 'listen.prot is not known. Did you mean port?'],
  ['listen: { port: 70000 }', 'listen.port is 70000. Allowed: 65535 or less.'],
  ['listen: { port: "8443" }', 'listen.port is "8443". Allowed: a number.'],
  ['listen: 8443', 'listen is 8443. Allowed: a group of keys.'],
  ['listen: { host: [] }', 'listen.host is a list. Allowed: text.'],
  ['log: { level: debug }', 'log.level is "debug". Allowed: info, warn, error.'],
  ['names: ["a b"]', 'names.0 is "a b". Allowed: host or host:port.'],
  ['metrics: {}', 'metrics.listen is missing. Allowed: a group of keys.'],
  ['load: { calls: 1 }', 'load.calls is 1. Allowed: 8 or more.'],
  ['load: { calls: 9.5 }', 'load.calls is 9.5. Allowed: a whole number.'],
  [
    'policy: { session.inactivty: 1 }',
    'policy.session.inactivty is not known. Did you mean session.inactivity?',
  ],
  [
    'policy: { session.inactivity: 1 }',
    'policy.session.inactivity is 1. Allowed: 300000 to 3600000 ms (5 min to 1 h).',
  ],
  ['policy: { screen.locale: fr }', 'policy.screen.locale is "fr". Allowed: one of en, de.'],
  [
    'trustedProxy: { addresses: ["10.0.0.0/8"] }',
    'trustedProxy cannot stand beside tls: one of them ends TLS.',
  ],
  [
    'trustedProxy: { addresses: ["10.0.0.0/99"] }',
    'trustedProxy.addresses.0 is "10.0.0.0/99". Allowed: an address or a range such as 10.20.0.0/16.',
  ],
  ...['0.0.0.0/0', '::/0'].map((range) => [
    `trustedProxy: { addresses: ["${range}"] }`,
    `trustedProxy.addresses.0 is "${range}". Allowed: the addresses of the load balancer only; a range as wide as this lets everybody in, in plain HTTP.`,
  ]),
  ['applications: [{ id: ehr }]', 'applications.0.name is missing. Allowed: text.'],
])('%s is refused: %s', (line, fault) => {
  expect(faultsOf(`${good}${line}\n`)).toContain(fault)
})

test.each([
  [
    'url: https://lanyard.willowbrook.example',
    'url: https://lanyard.willowbrook.example/base',
    'url is "https://lanyard.willowbrook.example/base". Allowed: an origin such as https://lanyard.hospital.example, without path or slash.',
  ],
  [
    'url: https://lanyard.willowbrook.example',
    'url: lanyard',
    'url is "lanyard". Allowed: an address such as https://name.example.',
  ],
  [
    'url: https://lanyard.willowbrook.example',
    'url: http://lanyard.willowbrook.example',
    'url is "http://lanyard.willowbrook.example". Allowed: an https:// address (http:// is for a trial on the loopback only).',
  ],
  [
    'tls: { certificate: tls.crt, key: tls.key }',
    '',
    'tls is missing: name certificate and key, or the trustedProxy that ends TLS.',
  ],
  ['rpId: willowbrook.example', '', 'rpId is missing. Allowed: text.'],
  [
    'host: db.willowbrook.example, ',
    '',
    'database.host is missing: name host, name and user, or url.',
  ],
  ['user: lanyard', 'usr: lanyard', 'database.usr is not known. Did you mean user?'],
  [
    'user: lanyard',
    'user: lanyard, ssl: { mode: off }',
    'database.ssl.mode is "off". Allowed: verify: without TLS everybody on the way reads along.',
  ],
  [
    'host: db.willowbrook.example',
    'ssl: { mode: off }, host: "127.0.0.1,db.willowbrook.example"',
    'database.ssl.mode is "off". Allowed: verify: without TLS everybody on the way reads along.',
  ],
  [
    'user: lanyard',
    'user: lanyard, url: "postgresql://a@b/c"',
    'database.host cannot stand beside url.',
  ],
])('%s instead of %s is refused: %s', (before, after, fault) => {
  expect(good).toContain(before)
  expect(faultsOf(good.replace(before, after))).toContain(fault)
})

test('an address of several servers is taken, and each of them must be right and safe', () => {
  const faults = (database: string) =>
    faultsOf(good.replace(/database:.*/, `database: ${database}`))
  expect(faults('{ url: "postgresql://u@a:5432,b:5433/n" }')).toEqual([])
  expect(faults('{ url: "postgresql://u@127.0.0.1:1,[::1]:2/n", ssl: { mode: off } }')).toEqual([])
  expect(faults('{ url: "postgresql://u@127.0.0.1:1,b:2/n", ssl: { mode: off } }')).toEqual([
    'database.ssl.mode is "off". Allowed: verify: without TLS everybody on the way reads along.',
  ])
  expect(faults('{ url: "postgresql://u@a:5432,b:x/n" }')).toEqual([
    'database.url is wrong. Allowed: an address such as postgresql://user@host:5432/name.',
  ])
})

test.each([
  ['{ host: "pg-a,", name: n, user: u }', 'database.host is "pg-a,". Allowed: a server between'],
  ['{ host: ",", name: n, user: u }', 'database.host is ",". Allowed: a server between'],
  ['{ url: "postgresql://pg-a:5432,/n" }', 'database.url is wrong. Allowed: a server between'],
  ['{ url: "postgresql:///n" }', 'database.url is wrong. Allowed: a server between'],
  ['{ url: "postgresql://u@a,/n" }', 'database.url is wrong. Allowed: an address such as'],
])('a server without a name, which would mean this machine, is refused: %s', (database, fault) => {
  const faults = faultsOf(good.replace(/database:.*/, `database: ${database}`))
  expect(faults).toEqual([expect.stringContaining(fault)])
})

test('an address of the database is not repeated, whatever is wrong with it', () => {
  const text = good.replace(/database:.*/, 'database: { url: "postgres ://u:open-sesame@db/l" }')
  const faults = faultsOf(text)
  expect(faults).toEqual([
    'database.url is wrong. Allowed: an address such as postgresql://user@host:5432/name.',
  ])
})

test('what is not YAML is named by its place and not by what stands there', () => {
  const faults = faultsOf(`${good}database: { passwordFile: open-sesame`)
  expect(faults.join()).toMatch(/^This is not YAML: line \d+, column \d+ \([A-Z_]+\)\./)
  expect(faults.join()).not.toContain('sesame')
})

test('on the loopback a trial may do without TLS', () => {
  const trial = `
url: http://127.0.0.1:8080
rpId: willowbrook.example
listen: { host: 127.0.0.1, port: 8080 }
database: { host: /run/postgresql, name: lanyard, user: lanyard }
`
  expect(faultsOf(trial)).toEqual([])
  expect(faultsOf(trial.replace('listen: { host: 127.0.0.1', 'listen: { host: 0.0.0.0'))).toEqual([
    'url is "http://127.0.0.1:8080". Allowed: an https:// address (http:// is for a trial on the loopback only).',
  ])
})

test('every fault of a file is named at once', () => {
  expect(faultsOf('colour: red\nrpId: 5')).toHaveLength(4)
})
