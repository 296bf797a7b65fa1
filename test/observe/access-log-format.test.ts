import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LogFormats } from '../../src/observe/access-log-format.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

function line(t: TestContext, format: string, asked: Asked, name = 'f'): string {
  const site = siteOf(t, `log_format f ${format}; server { location / { } }`)
  return new LogFormats(site).line(name, visitOf(factsOf(site), asked))
}

test('texts and variables in turn, escaped as the format says', t => {
  const asked = { target: '/a?x="', fields: { 'X-Odd': 'a\\b' } }
  assert.equal(line(t, `'$uri' '\${args}z' "$http_x_odd $http_none"`, asked), '/ax=\\x22za\\x5Cb -')
  assert.equal(line(t, `escape=json '{"a":"$args","n":"$http_none"}'`, asked), '{"a":"x=\\"","n":""}')
  assert.equal(line(t, `escape=none '$args|$http_none|'`, asked), 'x="||')
})

test('an empty value is told from none', t => {
  assert.equal(line(t, `'[$arg_a][$arg_b]'`, { target: '/?a=' }), '[][-]')
})

test('combined is there without being defined', t => {
  const fields = { Referer: 'http://r/"', 'User-Agent': 'agent' }
  assert.match(
    line(t, 'x', { target: '/a?b', fields }, 'combined'),
    /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:[\d:]{8} [+-]\d{4}\] "GET \/a\?b HTTP\/1\.1" 000 0 "http:\/\/r\/\\x22" "agent"$/,
  )
})
