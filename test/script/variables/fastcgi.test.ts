import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Owner } from '../../support/owner.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

function values(t: Owner, said: string, target: string): [string | null, string | null] {
  const facts = factsOf(
    siteOf(t, `events {} http { server { listen 127.0.0.1:8080; location / { ${said} } } }`),
  )
  const visit = visitOf(facts, { target })
  const value = (name: string) => facts.variable(name)(visit)
  return [value('fastcgi_script_name'), value('fastcgi_path_info')]
}

test('without a word the script is the URI', t => {
  assert.deepEqual(values(t, '', '/a.php/b'), ['/a.php/b', ''])
  assert.deepEqual(values(t, '', '/a/'), ['/a/', ''])
})

test('the index goes behind a slash', t => {
  assert.deepEqual(values(t, 'fastcgi_index i.php;', '/a/'), ['/a/i.php', ''])
  assert.deepEqual(values(t, 'fastcgi_index i.php;', '/a'), ['/a', ''])
})

test('what comes after the script is split off, where it matches', t => {
  const said = 'fastcgi_split_path_info ^(.+?\\.php)(/.*)$; fastcgi_index i.php;'
  assert.deepEqual(values(t, said, '/a.php/b/c'), ['/a.php', '/b/c'])
  assert.deepEqual(values(t, said, '/a.php'), ['/a.php', ''])
  assert.deepEqual(values(t, said, '/a/'), ['/a/i.php', ''])
})
