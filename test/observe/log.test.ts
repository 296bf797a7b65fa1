import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { Log, type LogOptions } from '../../src/observe/log.ts'
import { finished, Gathered } from './exchanges.ts'

const open = (options: Partial<LogOptions> = {}) => {
  const out = new Gathered()
  const log = new Log({
    logFormat: 'json',
    logLevel: 'info',
    logQuery: false,
    accessLog: null,
    destination: out,
    ...options,
  })
  return { log, out }
}

test('general lines: the level is a word, the time ISO 8601, and nothing else is added', () => {
  const { log, out } = open()
  log.logger.info({ port: 1 }, 'listening')
  const [line] = out.parsed
  assert.deepEqual({ ...line, time: '' }, { level: 'info', time: '', port: 1, msg: 'listening' })
  assert.match(String(line?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('general lines carry nothing that a terminal obeys', () => {
  for (const logFormat of ['json', 'pretty', 'combined'] as const) {
    const { log, out } = open({ logFormat })
    log.logger.warn({ detail: 'a\x1b[31m\x9b2J\nb', list: ['\x1b[0m'] }, 'odd \x1b[2J')
    assert.match(out.text, /odd/)
    assert.doesNotMatch(out.text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/, logFormat)
    assert.equal(out.lines.length, 1, out.text)
  }
})

test('the query is shown only when asked for', () => {
  for (const logFormat of ['json', 'pretty', 'combined'] as const) {
    const quiet = open({ logFormat })
    quiet.log.request(finished(), 'ok')
    assert.doesNotMatch(quiet.out.text, /secret/, logFormat)
    const open_ = open({ logFormat, logQuery: true })
    open_.log.request(finished(), 'ok')
    assert.match(open_.out.text, /\/reports\/7\?token=secret/, logFormat)
  }
})

test('each format has its own line', () => {
  const line = (logFormat: LogOptions['logFormat']) => {
    const { log, out } = open({ logFormat })
    log.request(finished(), 'ok')
    return out.text
  }
  assert.match(line('json'), /^\{"time":.*\}\n$/)
  assert.match(line('pretty'), /^\d\d:\d\d:\d\d\.\d{3} {2}200 {2}GET .*\n$/)
  assert.match(line('combined'), /^203\.0\.113\.7 - - \[.*"GET \/reports\/7 HTTP\/1\.1" 200 4567 .*\n$/)
})

test('the level asked for holds for request lines too', () => {
  const { log, out } = open({ logLevel: 'warn' })
  log.request(finished(), 'ok')
  assert.equal(out.text, '')
  log.request(finished({ status: 502, failure: new Failure('worker_lost') }), 'upstream:waiting')
  assert.equal(out.parsed[0]?.level, 'warn')
  const silent = open({ logLevel: 'silent' })
  silent.log.request(finished({ failure: new Failure('internal'), status: 500 }), 'proxy:waiting')
  assert.equal(silent.out.text, '')
})

test('a health check is a line only when its answer changes', () => {
  const { log, out } = open()
  const check = (status: number, target = '/healthz', outcome = 'ok') =>
    log.request(finished({ healthCheck: true, status, target }), outcome)
  check(200)
  check(200)
  check(200, '/up')
  check(503, '/healthz', 'upstream:queued')
  check(503, '/healthz', 'upstream:queued')
  check(200)
  check(200)
  assert.deepEqual(
    out.parsed.map(line => `${line.url} ${line.status_code}`),
    ['/healthz 200', '/up 200', '/healthz 503', '/healthz 200'],
  )
})

test('an access log holds every request in the format asked for; other lines stay where they were', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [logFormat, form] of [
    ['json', /^\{"time".*"msg":"request"/],
    ['pretty', / 200 {2}GET /],
    ['combined', / - - \[/],
  ] as const) {
    const file = join(folder, logFormat)
    const { log, out } = open({ logFormat, accessLog: file, logLevel: 'error' })
    log.request(finished(), 'ok')
    log.logger.error('something else')
    await log.close()
    assert.match(readFileSync(file, 'utf8'), form)
    assert.doesNotMatch(readFileSync(file, 'utf8'), /something else|\x1b/)
    assert.equal(out.lines.length, 1, out.text)
    assert.match(out.text, /something else/)
  }
})
