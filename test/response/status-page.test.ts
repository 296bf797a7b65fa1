import assert from 'node:assert/strict'
import { test } from 'node:test'
import { productName, refreshPage, statusPage } from '../../src/response/status-page.ts'
import { askNginx, startNginx } from '../support/nginx.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

test('each status has the page that nginx has for it', { skip: without('nginx') }, async t => {
  // For 408, 444 and 499 it closes the connection without a word.
  const codes = [
    ...range(200, 208),
    ...range(300, 310),
    ...range(400, 408),
    ...range(409, 443),
    ...range(445, 498),
    ...range(500, 512),
  ]
  const locations = codes.map(code => `location = /${code} { return ${code}; }`)
  const nginx = await startNginx(t, `server { listen 127.0.0.1:PORT; ${locations.join('\n')} }`)
  const visit = visitOf(factsOf(siteOf(t, 'server { }')))
  for (const code of codes) {
    const theirs = await askNginx(nginx, `/${code}`)
    const { head, body } = statusPage(visit, code)
    const seen = {
      status: theirs.status,
      type: theirs.fields['content-type'],
      body: theirs.body.replace(/nginx\/[\d.]+/, productName(visit)),
    }
    // What has no text is a download for nginx; here it says nothing.
    if (theirs.body === '') seen.type = undefined
    assert.deepEqual(
      { status: head.status, type: head.headers.get('content-type'), body: body?.toString() ?? '' },
      seen,
      String(code),
    )
    assert.equal(head.length, theirs.body === '' ? 0 : (body as Buffer).length)
  }
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

test('the version is told only where the file lets it', t => {
  const told = statusPage(visitOf(factsOf(siteOf(t, 'server { }'))), 404)
  assert.match(String(told.body), /<hr><center>shieldproxy\/\d+\.\d+\.\d+\S*<\/center>/)
  const untold = statusPage(visitOf(factsOf(siteOf(t, 'server { server_tokens off; }'))), 404)
  assert.match(String(untold.body), /<hr><center>shieldproxy<\/center>/)
})

test('a failure of the shield’s own names the request', t => {
  const { body } = statusPage(visitOf(factsOf(siteOf(t, 'server { }'))), 504, '<id>')
  assert.match(String(body), /<center>Request &#60;id&#62;<\/center>/)
})

test('pages of errors are long enough for browsers that would show their own', t => {
  const lengthFor = (agent: string, status: number, lines = '') => {
    const visit = visitOf(factsOf(siteOf(t, `server { ${lines} }`)), { fields: { 'User-Agent': agent } })
    return statusPage(visit, status).head.length!
  }
  const plain = lengthFor('curl/8', 404)
  for (const agent of [
    'Mozilla/4.0 (compatible; MSIE 6.0; Windows)',
    'AppleWebKit (KHTML, like Gecko) Chrome/120.0',
  ]) {
    assert.ok(lengthFor(agent, 404) >= 512, agent)
    assert.equal(lengthFor(agent, 404, 'msie_padding off;'), plain, agent)
    assert.equal(lengthFor(agent, 301), lengthFor('curl/8', 301), agent)
  }
})

test('a page that leads elsewhere escapes what would end its attribute', () => {
  const { head, body } = refreshPage('/a?b=c&d="><e \u00e9')
  assert.equal(head.status, 200)
  const text = String(body)
  assert.match(text, /content="0; URL=\/a\?b=c&d=%22%3E%3Ce%20%E9"><\/head>/)
  assert.equal(head.length, text.length)
})
