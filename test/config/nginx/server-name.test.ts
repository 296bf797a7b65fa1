import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { without } from '../../support/servers.ts'
import { siteOf } from '../../support/visit.ts'
import { assertAsNginx } from './reading.ts'

const skip = without('nginx')

function named(t: Parameters<typeof siteOf>[0], names: string): string[] {
  const [server] = siteOf(t, `server { server_name ${names}; }`).servers
  return [server!.name, ...server!.names.map(({ kind, name }) => `${kind} ${name}`)]
}

test('names, wildcards and regular expressions; the first is what the server is called', t => {
  assert.deepEqual(named(t, 'A.test b.TEST'), ['a.test', 'exact a.test', 'exact b.test'])
  assert.deepEqual(named(t, '.A.test'), ['a.test', 'suffix a.test'])
  assert.deepEqual(named(t, '*.A.test'), ['*.a.test', 'leading wildcard a.test'])
  assert.deepEqual(named(t, 'www.a.*'), ['www.a.*', 'trailing wildcard www.a'])
  assert.deepEqual(named(t, '~^A(.)$ x'), ['~^A(.)$', 'regex ^A(.)$', 'exact x'])
  assert.deepEqual(named(t, '"" x'), ['', 'exact ', 'exact x'])
  const own = hostname().toLowerCase()
  assert.deepEqual(named(t, '$hostname'), [own, `exact ${own}`])
})

const NAMES =
  '* *. . *a a* a.*.b *.a.* *.a* ..a a..b .a.* .* *.* *.*.a a.*. ~ _ - a/b ~a/b *.a. "a b" ""'.match(
    /"[^"]*"|\S+/g,
  )!

test('what is no name, in the words of nginx', { skip }, t => {
  assertAsNginx(t, NAMES, name => `server { listen 8080; server_name ${name}; }`)
})
