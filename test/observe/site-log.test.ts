import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SiteConfig } from '../../src/config/nginx/site.ts'
import { direct } from '../../src/observe/sink.ts'
import { SiteLogs, type SiteLogsOptions } from '../../src/observe/site-log.ts'
import type { Visit } from '../../src/visit.ts'
import { temporaryFolder } from '../support/owner.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

/** The logs of a site in a folder of its own, a visit for a target, and what a file holds in the end. */
function rig(t: TestContext, text: string, options: Partial<SiteLogsOptions> = {}) {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'logs'))
  const [out, err, warnings]: [string[], string[], string[]] = [[], [], []]
  const to = (lines: string[]) => direct({ write: line => void lines.push(line) })
  const site = siteOf(t, `log_format uri '$uri'; log_format status '$status'; ${text}`, folder)
  const warn = (message: string) => void warnings.push(message)
  const logs = new SiteLogs(site, { warn, stdout: to(out), stderr: to(err), ...options })
  t.after(() => logs.close())
  const facts = factsOf(site)
  return {
    folder,
    out,
    err,
    warnings,
    logs,
    visit: (target: string): Visit => visitOf(facts, { target }),
    write: (target: string) => logs.write(visitOf(facts, { target })),
    read: (name: string) => readFileSync(join(folder, name), 'latin1'),
  }
}

test('each place has its logs, and those of the block around it where it says nothing', async t => {
  const { write, read, logs } = rig(
    t,
    `access_log logs/all.log uri; server {
      location / { }
      location /own { access_log logs/own.log uri; access_log logs/own.log status; access_log logs/two.log uri; }
      location /off { access_log off; }
    }`,
  )
  assert.deepEqual([write('/a'), write('/own'), write('/off')], [true, true, true])
  await logs.close()
  assert.equal(read('logs/all.log'), '/a\n')
  assert.equal(read('logs/own.log'), '/own\n000\n')
  assert.equal(read('logs/two.log'), '/own\n')
})

test("where the file never speaks of access logs, the proxy's own line is wanted", t => {
  const { write, out } = rig(t, 'server { location / { } location /own { access_log /dev/stdout uri; } }')
  assert.deepEqual([write('/'), write('/own')], [false, true])
  assert.deepEqual(out, ['/own\n'])
})

test('if= keeps lines out', async t => {
  const { write, read, logs } = rig(t, 'server { location / { access_log logs/a.log uri if=$arg_log; } }')
  for (const target of ['/none', '/empty?log=', '/zero?log=0', '/one?log=1', '/zeros?log=00']) write(target)
  await logs.close()
  assert.equal(read('logs/a.log'), '/one\n/zeros\n')
})

test('what a request asks of itself has no line, unless log_subrequest', async t => {
  const { visit, read, logs } = rig(
    t,
    'access_log logs/a.log uri; server { location / { } location /log { log_subrequest on; } }',
  )
  for (const target of ['/quiet', '/log'])
    assert.ok(logs.write(Object.assign(visit(target), { parent: visit('/') })))
  await logs.close()
  assert.equal(read('logs/a.log'), '/log\n')
})

test('a log that is to be held back is, until it is flushed', async t => {
  const { write, read, logs } = rig(t, 'access_log logs/a.log uri buffer=1k; server { location / { } }')
  write('/a')
  assert.equal(read('logs/a.log'), '')
  await logs.close()
  assert.equal(read('logs/a.log'), '/a\n')
})

test('names of logs may hold variables', async t => {
  const { write, folder, read, logs, err } = rig(
    t,
    `access_log logs/$arg_n.log uri; server { location / { } location /gone { root none; } }`,
  )
  write('/a?n=x')
  write('/b?n=y')
  write('/c?n=x')
  write('/gone?n=z')
  write('/up?n=../up')
  write('/up?n=x/../../../up')
  await logs.close()
  assert.deepEqual([read('logs/x.log'), read('logs/y.log')], ['/a\n/c\n', '/b\n'])
  assert.ok(!existsSync(join(folder, 'logs', 'z.log')))
  assert.ok(!existsSync(join(folder, 'up.log')))
  assert.equal(err.filter(line => line.includes('the name of a log was refused')).length, 2)
  assert.ok(err.some(line => /\[error\] .* testing ".*none" existence failed/.test(line)))
})

test('the line of the last request of a connection is in its file at once, whatever the name of that', t => {
  const { logs, visit, read, folder } = rig(
    t,
    `access_log logs/a.log uri; access_log logs/$arg_n.log uri; open_log_file_cache max=1; server { location / { } }`,
  )
  logs.write(visit('/a?n=x'))
  assert.ok(!existsSync(join(folder, 'logs', 'x.log')))
  logs.write(visit('/b?n=x'), true)
  assert.deepEqual([read('logs/a.log'), read('logs/x.log')], ['/a\n/b\n', '/a\n/b\n'])
  renameSync(join(folder, 'logs', 'x.log'), join(folder, 'logs', 'y.log'))
  logs.write(visit('/c?n=x'), true)
  logs.reopen()
  logs.write(visit('/d?n=x'), true)
  assert.deepEqual([read('logs/y.log'), read('logs/x.log')], ['/a\n/b\n/c\n', '/d\n'])
})

test('what cannot be written is said at the start, and goes to the standard streams', async t => {
  const { write, out, err, warnings, logs, visit } = rig(
    t,
    'error_log none/e.log; access_log none/a.log uri; server { location / { } }',
  )
  assert.equal(warnings.length, 2)
  write('/a')
  logs.error('error', 'message', visit('/a'))
  await logs.close()
  assert.deepEqual(out, ['/a\n'])
  assert.match(err[0]!, /\[error\] \d+#\d+: \*1 message, client: 127\.0\.0\.1,/)
})

test('error logs take what is loud enough for them, each place its own', async t => {
  const { read, logs, visit } = rig(
    t,
    `error_log logs/main.log warn; server { location / { } location /own { error_log logs/own.log crit; error_log logs/all.log debug; } }`,
  )
  for (const level of ['crit', 'error', 'warn', 'notice'] as const) {
    logs.error(level, level, visit('/'))
    logs.error(level, level, visit('/own'))
  }
  logs.error('alert', 'of nobody', null)
  await logs.close()
  const words = (name: string) => [...read(name).matchAll(/\[(\w+)\]/g)].map(([, word]) => word)
  assert.deepEqual(words('logs/main.log'), ['crit', 'error', 'warn', 'alert'])
  assert.deepEqual(words('logs/own.log'), ['crit'])
  assert.deepEqual(words('logs/all.log'), ['crit', 'error', 'warn', 'notice'])
})

test('how a request went is told in detail to logs of that level, and of clients that are named to every log', async t => {
  const folder = temporaryFolder(t)
  const site = (events: string, level: string) =>
    siteOf(
      t,
      `events { ${events} } http { error_log ${folder}/main.log ${level};
        server { access_log off; location / { } location /own { error_log ${folder}/own.log info; } } }`,
      folder,
    )
  const lines = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .map(line => /\[debug\] \d+#\d+: \*1 (.*)/.exec(line)?.[1])
      .filter(line => line !== undefined)
  const asked = (config: SiteConfig) => {
    const logs = new SiteLogs(config, { warn() {} })
    for (const peer of ['192.0.2.1', '::ffff:192.0.2.129', 'unix:'])
      for (const target of [`/?${peer}`, `/own?${peer}`])
        logs.write(visitOf(factsOf(config), { target, connection: { peer } }))
    logs.error('debug', 'of no request', null)
    return logs
  }
  const none = asked(site('', 'info'))
  assert.equal(none.debugs, false)
  await none.close()
  assert.equal(lines('main.log').length + lines('own.log').length, 0)
  const some = asked(site('debug_connection 192.0.2.128/25; debug_connection unix:;', 'alert'))
  assert.equal(some.debugs, true)
  await some.close()
  const ended = (target: string) => `http finalize request: 000, "${target}"`
  assert.deepEqual(lines('main.log'), ['/?::ffff:192.0.2.129', '/?unix:'].map(ended))
  assert.deepEqual(lines('own.log'), ['/own?::ffff:192.0.2.129', '/own?unix:'].map(ended))
  await asked(site('', 'debug')).close()
  assert.equal(lines('main.log').length, 2 + 3)
  assert.equal(lines('own.log').length, 2)
})

test('where the file names no error log it is the one of -e, or standard error', async t => {
  const plain = rig(t, 'server { location / { } }')
  plain.logs.error('warn', 'too quiet', null)
  plain.logs.error('error', 'loud', null)
  assert.match(plain.err.join(''), /^[^\n]* \[error\] [^\n]* loud\n$/)
  const folder = temporaryFolder(t)
  const named = rig(t, 'server { location / { } }', { errorLog: join(folder, 'e.log') })
  named.logs.error('error', 'loud', null)
  await named.logs.close()
  assert.match(readFileSync(join(folder, 'e.log'), 'utf8'), /loud\n$/)
})

test('after a rotation lines go to the new file, and those held before to the old one', async t => {
  const { write, read, folder, logs } = rig(
    t,
    'access_log logs/a.log uri buffer=1k; server { location / { } }',
  )
  write('/before')
  renameSync(join(folder, 'logs/a.log'), join(folder, 'logs/a.log.1'))
  logs.reopen()
  write('/after')
  await logs.close()
  assert.equal(read('logs/a.log.1'), '/before\n')
  assert.equal(read('logs/a.log'), '/after\n')
})

test('a syslog socket of Unix is out of reach: its lines go to standard output, and it is said once', async t => {
  const { write, out, warnings, logs } = rig(
    t,
    'access_log syslog:server=unix:/dev/log uri; server { location / { } }',
  )
  write('/a')
  write('/b')
  await logs.close()
  assert.deepEqual(out, ['/a\n', '/b\n'])
  assert.match(
    warnings.join(),
    /^Node cannot write to the syslog socket "unix:\/dev\/log", its lines go to standard/,
  )
  assert.equal(warnings.length, 1)
})

test('what is held back is written when the process exits', t => {
  const folder = temporaryFolder(t)
  const source = `
    import { SiteLogs } from ${JSON.stringify(new URL('../../src/observe/site-log.ts', import.meta.url).href)}
    import { factsOf, siteOf, visitOf } from ${JSON.stringify(new URL('../support/visit.ts', import.meta.url).href)}
    const text = "log_format uri '$uri'; server { location / { access_log held.log uri buffer=1k; access_log $host.log uri; } }"
    const site = siteOf({ after() {} }, text, ${JSON.stringify(folder)})
    const logs = new SiteLogs(site, { warn() {} })
    logs.write(visitOf(factsOf(site), { target: '/a' }))
    process.exit()`
  execFileSync(process.execPath, ['--input-type=module', '-e', source])
  assert.equal(readFileSync(join(folder, 'held.log'), 'utf8'), '/a\n')
  assert.equal(readFileSync(join(folder, 'site.test.log'), 'utf8'), '/a\n')
})
