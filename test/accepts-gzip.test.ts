import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { acceptsGzip, namesGzip } from '../src/accepts-gzip.ts'
import type { Visit } from '../src/visit.ts'
import { listOf } from './support/answer-head.ts'
import { type Asked, factsOf, siteOf, visitOf as visitIn } from './support/visit.ts'

const GZIP = { 'Accept-Encoding': 'gzip' }
const PLACE = 'location / { }'

function visitOf(t: TestContext, config: string, asked: Asked = {}): Visit {
  return visitIn(factsOf(siteOf(t, config)), asked)
}

test('a client says that it takes gzip as nginx reads it', () => {
  const yes = [
    'gzip',
    'GZIP',
    'gzip,',
    'gzip, br',
    'br, gzip',
    'br,gzip;q=0.001',
    'gzip; q=1.000',
    'gzip;q=1',
  ]
  yes.push(
    'gzip ;q=1.',
    'x-gzip, gzip',
    'gzip;',
    'deflate gzip',
    'br,\tgzip',
    'gzip\t, br',
    'gzip;\tq=0.5\t,br',
  )
  for (const text of yes) assert.equal(namesGzip(text), true, text)
  const no = [
    '',
    '*',
    'br',
    'x-gzip',
    'gzipped',
    'gzip;q=0',
    'gzip;q=0.000',
    'gzip;q=',
    'gzip;q=2',
    'gzip;q=1.001',
  ]
  no.push('gzip;q=0.0001', 'gzip;q=x', 'gzip;level=1', 'gzip;q=0, gzip', 'gzip q=1', 'gzip\tbr')
  for (const text of no) assert.equal(namesGzip(text), false, text)
})

test('one who does not say so, or asks in HTTP/1.0, is sent nothing compressed', t => {
  assert.equal(acceptsGzip(visitOf(t, `server { ${PLACE} }`, { fields: GZIP })), true)
  assert.equal(acceptsGzip(visitOf(t, `server { ${PLACE} }`)), false)
  assert.equal(acceptsGzip(visitOf(t, `server { ${PLACE} }`, { fields: GZIP, minor: 0 })), false)
  const either = `server { gzip_http_version 1.0; ${PLACE} }`
  assert.equal(acceptsGzip(visitOf(t, either, { fields: GZIP, minor: 0 })), true)
})

test('what came through a proxy is compressed as far as the file says', t => {
  const through = { ...GZIP, Via: '1.1 proxy' }
  const past = 'Thu, 01 Jan 1970 00:00:01 GMT'
  const cases: [
    proxied: string,
    answer: Record<string, string>,
    accepted: boolean,
    fields?: Record<string, string>,
  ][] = [
    ['off', {}, false],
    ['any', {}, true],
    ['expired', {}, true],
    ['expired', { Expires: past }, true],
    ['expired', { Expires: 'Thu, 01 Jan 2099 00:00:01 GMT' }, false],
    ['expired', { Expires: 'soon' }, false],
    ['no-cache', { Expires: past }, false],
    ['no-cache', { 'Cache-Control': 'no-cache' }, true],
    ['no-cache no-store', { 'Cache-Control': 'max-age=0, No-Store' }, true],
    ['private', { 'Cache-Control': 'private="x"' }, false],
    ['private', { 'Cache-Control': 'no-cache' }, false],
    ['no_last_modified', { 'Last-Modified': past }, false],
    ['no_last_modified', { ETag: '"a"' }, true],
    ['no_etag', { ETag: '"a"' }, false],
    ['auth', { 'Cache-Control': 'public' }, true, { Authorization: 'Basic x' }],
    ['auth', { 'Cache-Control': 'public' }, false],
  ]
  for (const [proxied, answer, accepted, fields] of cases) {
    const visit = visitOf(t, `server { gzip_proxied ${proxied}; ${PLACE} }`, {
      fields: { ...through, ...fields },
    })
    assert.equal(acceptsGzip(visit, listOf(answer)), accepted, `${proxied}: ${JSON.stringify(answer)}`)
  }
})

test('user agents that cannot read it are left out', t => {
  const place = `server { gzip_disable msie6 "bad (agent|bot)"; ${PLACE} }`
  const agents: [agent: string, accepted: boolean][] = [
    ['Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)', false],
    ['Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)', true],
    ['Mozilla/4.0 (compatible; MSIE 5.5; Windows NT 5.0; SV1)', false],
    ['Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)', true],
    ['Mozilla/4.0 (compatible; MSIE 6.0; X11) Opera 9', true],
    ['A Bad Bot', false],
    ['curl/8', true],
  ]
  for (const [agent, accepted] of agents) {
    const visit = visitOf(t, place, { fields: { ...GZIP, 'User-Agent': agent } })
    assert.equal(acceptsGzip(visit), accepted, agent)
  }
})
