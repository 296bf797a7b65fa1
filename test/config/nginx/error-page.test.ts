import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../../support/servers.ts'
import { assertAsNginx, siteOf } from './reading.ts'

const skip = without('nginx')

test('error pages, with codes and the status that the client is told', t => {
  const { servers } = siteOf(
    t,
    'server { error_page 404 500 /a; error_page 403 = @b; error_page 502 =200 /c; }',
  )
  const pages = servers[0]!.settings.errorPages.map(({ codes, status, target }) => [
    codes,
    status,
    target.text,
  ])
  assert.deepEqual(pages, [
    [[404, 500], 'same', '/a'],
    [[403], 'of the page', '@b'],
    [[502], 200, '/c'],
  ])
})

const LINES = [
  'error_page 404;',
  'error_page 200 /a;',
  'error_page 299 /a;',
  'error_page 600 /a;',
  'error_page 499 /a;',
  'error_page x /a;',
  'error_page 4e2 /a;',
  'error_page 404 /a /b;',
  'error_page 404 =x /a;',
  'error_page 404 = /a;',
  'error_page 404 =20 /a;',
  'error_page 404 =99999 /a;',
  'error_page =200 /a;',
  'error_page 404 =200 =201 /a;',
  'error_page 404 "";',
  'error_page 495 496 497 /x;',
]

test('what is wrong with codes, statuses and pages, and what is not, in the words of nginx', { skip }, t => {
  assertAsNginx(t, LINES, line => `server { ${line} }`)
})
