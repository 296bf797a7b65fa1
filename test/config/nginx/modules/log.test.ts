import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from '../read-text.ts'

test('access logs, with all that may be said of them', () => {
  const { servers, logFormats } = siteOf(`
    log_format main escape=json '{"a":"$args",' '"b":"$uri"}';
    access_log logs/a.log;
    server {
      location / { }
      location /own { access_log /b.log MAIN buffer=32k flush=5s gzip=3 if=$loggable; access_log logs/$host.log combined; }
      location /off { access_log /c.log; access_log off; }
    }`)
  const [root, own, off] = servers[0]!.locations.map(({ settings }) => settings.accessLogs)
  assert.deepEqual(
    root!.map(({ to, format, buffer }) => ['text' in to && to.text, format, buffer]),
    [['/etc/site/logs/a.log', 'combined', 0]],
  )
  const [first, second] = own!
  assert.deepEqual(
    [first!.format, first!.buffer, first!.flush, first!.gzip, first!.condition!.text],
    ['main', 32_768, 5_000, 3, '$loggable'],
  )
  assert.equal('text' in second!.to && second!.to.text, '/etc/site/logs/$host.log')
  assert.deepEqual(off, [])
  assert.deepEqual(
    logFormats.map(({ name, escape: how, format }) => [name, how, format.text]),
    [['main', 'json', '{"a":"$args","b":"$uri"}']],
  )
})

test('a file that never speaks of access logs is told from one that wants none', () => {
  assert.equal(siteOf('server { }').servers[0]!.settings.accessLogs, null)
  assert.deepEqual(siteOf('access_log off; server { }').servers[0]!.settings.accessLogs, [])
})

test('a variable ends with the word that it stands in', () => {
  const { logFormats } = siteOf(`log_format a '$status' x '\${uri}' "$args " '$host'; server { }`)
  assert.equal(logFormats[0]!.format.text, `\${status}x\${uri}$args \${host}`)
})

test('error logs: path, level, several, and those of the main context', () => {
  const site = siteOf(`
    error_log logs/main.log warn;
    events { }
    http { server { error_log stderr; error_log /e.log debug_http; location / { } } server { } }`)
  assert.deepEqual(site.main.errorLog, [{ path: '/etc/site/logs/main.log', level: 'warn', syslog: null }])
  assert.deepEqual(
    site.servers[0]!.locations[0]!.settings.errorLog.map(({ path, level }) => [path, level]),
    [
      ['stderr', 'error'],
      ['/e.log', 'debug'],
    ],
  )
  assert.deepEqual(site.servers[1]!.settings.errorLog, [])
})

test('of a file without a main context the error log of all servers is that of the site', () => {
  assert.deepEqual(siteOf('error_log /e.log crit; server { }').main.errorLog, [
    { path: '/e.log', level: 'crit', syslog: null },
  ])
})

test('what has no effect is said once', () => {
  const { remarks } = readText('error_log memory:32m debug; server { }')
  assert.match(remarks[0]!, /^notice: "error_log memory:" has no effect/)
})

test('how log files with variables in their names are kept open', () => {
  const { settings, locations } = siteOf(`server {
    open_log_file_cache max=7 valid=1m valid=2m;
    location / { }
    location /all { open_log_file_cache min_uses=2 inactive=1m30s max=3 valid=0; }
    location /off { open_log_file_cache max=3 off; }
  }`).servers[0]!
  assert.deepEqual(settings.logFileCache, { max: 7, inactive: 10_000, minUses: 1, valid: 120_000 })
  const [inherited, all, off] = locations.map(({ settings }) => settings.logFileCache)
  assert.equal(inherited, settings.logFileCache)
  assert.deepEqual(all, { max: 3, inactive: 90_000, minUses: 2, valid: 0 })
  assert.equal(off, null)
  assert.equal(siteOf('server { }').servers[0]!.settings.logFileCache, null)
})

for (const [line, message] of [
  ['access_log /a.log nosuch;', 'unknown log format "nosuch"'],
  ['access_log /a.log combined buffer=0;', 'invalid buffer size "0"'],
  ['access_log /a.log combined flush=1s;', 'no buffer is defined for access_log "/a.log"'],
  ['access_log /a.log combined buffer=1k flush=x;', 'invalid flush time "x"'],
  ['access_log /a.log combined gzip=10;', 'invalid compression level "10"'],
  ['access_log /$a.log combined buffer=1k;', 'buffered logs cannot have variables in name'],
  ['access_log /a.log combined fresh;', 'invalid parameter "fresh"'],
  ['access_log off main;', 'invalid parameter "main"'],
  ['log_format combined "";', 'duplicate "log_format" name "combined"'],
  ['log_format a escape=xml "";', 'unknown log format escaping "xml"'],
  ['open_log_file_cache max=x;', 'invalid "open_log_file_cache" parameter "max=x"'],
  ['open_log_file_cache max=1 valid=9ms;', 'invalid "open_log_file_cache" parameter "valid=9ms"'],
  ['open_log_file_cache on;', 'invalid "open_log_file_cache" parameter "on"'],
  ['open_log_file_cache valid=1m;', '"open_log_file_cache" must have "max" parameter'],
  ['error_log /a.log loud;', 'invalid log level "loud"'],
  ['error_log /a.log warn error;', 'duplicate log level "error"'],
] as const) {
  test(`refused: ${line}`, () => {
    assert.equal(readText(`${line} server { }`).remarks[0], `emerg: ${message} :1`)
  })
}
