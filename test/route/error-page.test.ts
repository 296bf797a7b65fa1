import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { errorPageFor, leadOf } from '../../src/route/error-page.ts'
import { siteOf } from '../support/visit.ts'

/** Where a status leads with these lines in force. */
function lead(t: TestContext, lines: string, status: number, method = 'GET') {
  const page = errorPageFor(siteOf(t, `server { ${lines} }`).servers[0]!.settings, status)
  return page === null ? null : leadOf(page, status, page.target.text, method)
}

test('the first line that names the status counts', t => {
  const lines = 'error_page 404 /a; error_page 500 502 404 /b;'
  assert.deepEqual(lead(t, lines, 404), { to: 'uri', uri: '/a', args: '', method: 'GET', status: 404 })
  assert.deepEqual(lead(t, lines, 502), { to: 'uri', uri: '/b', args: '', method: 'GET', status: 502 })
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
})

test('a page’s query takes the place of the request’s, and its method is GET or HEAD', t => {
  const lines = 'error_page 405 /a?b=c?d;'
  assert.deepEqual(lead(t, lines, 405, 'POST'), {
    to: 'uri',
    uri: '/a',
    args: 'b=c?d',
    method: 'GET',
    status: 405,
  })
  assert.deepEqual(lead(t, lines, 405, 'HEAD')?.to, 'uri')
  const head = lead(t, lines, 405, 'HEAD')
  assert.equal(head?.to === 'uri' ? head.method : '', 'HEAD')
})

test('an address is redirected to, by the code where it is one for that', t => {
  const to = (code: string) => lead(t, `error_page 404 ${code} http://a/b?c;`, 404)
  assert.deepEqual(to(''), { to: 'address', location: 'http://a/b?c', status: 302 })
  assert.deepEqual(to('='), { to: 'address', location: 'http://a/b?c', status: 302 })
  assert.deepEqual(to('=200'), { to: 'address', location: 'http://a/b?c', status: 302 })
  for (const code of [301, 302, 303, 307, 308]) assert.equal(to(`=${code}`)?.status, code)
})
