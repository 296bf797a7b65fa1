import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { errorPageFor } from '../../src/route/error-page.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

/** Where a status leads with these lines in force. */
function lead(t: TestContext, lines: string, status: number, target = '/') {
  return errorPageFor(visitOf(factsOf(siteOf(t, `server { ${lines} }`)), { target }), status)
}

test('the first line that names the status counts', t => {
  const lines = 'error_page 404 /a; error_page 500 502 404 /b;'
  assert.deepEqual(lead(t, lines, 404), { kind: 'jump', uri: '/a', args: '', status: 404 })
  assert.deepEqual(lead(t, lines, 502), { kind: 'jump', uri: '/b', args: '', status: 502 })
  assert.equal(lead(t, lines, 503), null)
  assert.equal(lead(t, '', 404), null)
})

test('the status is the error’s, the page’s own, or as written', t => {
  const status = (lines: string) => lead(t, lines, 404)?.status
  assert.equal(status('error_page 404 /a;'), 404)
  assert.equal(status('error_page 404 = /a;'), null)
  assert.equal(status('error_page 404 =200 /a;'), 200)
  assert.equal(status('error_page 404 = @a;'), null)
  assert.equal(status('error_page 404 =403 @a;'), 403)
  assert.equal(lead(t, 'error_page 497 /a;', 497)?.status, 400)
  assert.equal(lead(t, 'error_page 497 =497 /a;', 497)?.status, 497)
})

test('a page may have args of its own, and variables', t => {
  const a = lead(t, 'error_page 405 /a?b=c?d;', 405, '/x?y')
  assert.deepEqual(a, { kind: 'jump', uri: '/a', args: 'b=c?d', status: 405 })
  const b = lead(t, 'error_page 405 $uri.html?$args;', 405, '/x?y')
  assert.deepEqual(b, { kind: 'jump', uri: '/x.html', args: 'y', status: 405 })
  assert.deepEqual(lead(t, 'error_page 405 @named;', 405), { kind: 'named', name: '@named', status: 405 })
})

test('an address is redirected to, by the code where it is one for that', t => {
  const to = (code: string) => lead(t, `error_page 404 ${code} http://a/b?c;`, 404)
  assert.deepEqual(to(''), { kind: 'redirect', location: 'http://a/b?c', status: 302 })
  assert.deepEqual(to('='), { kind: 'redirect', location: 'http://a/b?c', status: 302 })
  assert.deepEqual(to('=200'), { kind: 'redirect', location: 'http://a/b?c', status: 302 })
  for (const code of [301, 302, 303, 307, 308]) assert.equal(to(`=${code}`)?.status, code)
  // The error's own code is not kept, also where it is one.
  assert.equal(lead(t, 'error_page 301 http://a/;', 301)?.status, 302)
  assert.equal(lead(t, 'error_page 308 = http://a/;', 308)?.status, 302)
})
