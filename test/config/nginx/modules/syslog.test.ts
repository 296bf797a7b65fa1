import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from '../read-text.ts'

function syslogOf(parameters: string) {
  const [log] = siteOf(`server { access_log syslog:${parameters}; }`).servers[0]!.settings.accessLogs!
  return log!.to
}

test('a server, and what a message carries', () => {
  assert.deepEqual(syslogOf('server=127.0.0.1'), {
    server: { host: '127.0.0.1', port: 514 },
    name: '127.0.0.1',
    facility: 23,
    severity: 6,
    tag: 'nginx',
    hostname: true,
  })
  assert.deepEqual(syslogOf('server=[::1]:5140,facility=daemon,severity=warn,tag=app_1,nohostname'), {
    server: { host: '::1', port: 5140 },
    name: '[::1]:5140',
    facility: 3,
    severity: 4,
    tag: 'app_1',
    hostname: false,
  })
  assert.equal((syslogOf('server=unix:/dev/log') as { server: unknown }).server, null)
})

for (const [parameters, message] of [
  ['tag=a', 'no syslog server specified'],
  ['server=a,server=b', 'duplicate syslog "server"'],
  ['server=a:99999', 'invalid host in syslog server "a:99999"'],
  ['server=a,facility=x', 'unknown syslog facility "x"'],
  ['server=a,severity=x', 'unknown syslog severity "x"'],
  ['server=a,tag=a-b', 'syslog "tag" only allows alphanumeric characters and underscore'],
  ['server=a,color=x', 'unknown syslog parameter "color=x"'],
] as const) {
  test(`refused: syslog:${parameters}`, () => {
    assert.equal(readText(`error_log syslog:${parameters}; server { }`).remarks[0], `emerg: ${message} :1`)
  })
}

test('lines for syslog cannot be held back', () => {
  assert.match(
    readText('server { access_log syslog:server=a combined buffer=1k; }').remarks[0]!,
    /logs to syslog cannot be buffered/,
  )
})
