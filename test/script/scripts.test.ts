import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assign } from '../../src/script/assignments.ts'
import { Scripts } from '../../src/script/scripts.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const at = { file: 'nginx.conf', line: 1 }

test('a text without variables is constant, and is compiled once', t => {
  const scripts = new Scripts(siteOf(t, 'events {} http { server { listen 127.0.0.1:8080; } }'))
  const script = { text: 'plain', at }
  assert.equal(scripts.text(script).constant, 'plain')
  assert.equal(scripts.text(script), scripts.text(script))
  assert.equal(scripts.text({ text: '', at }).constant, '')
  assert.equal(scripts.text({ text: '$uri', at }).constant, null)
})

test('texts between variables, and values that are missing', t => {
  const facts = factsOf(siteOf(t, 'events {} http { server { listen 127.0.0.1:8080; } }'))
  const visit = visitOf(facts, { target: '/a%20b?x=1&Y=2' })
  visit.captures = ['all', 'one', undefined]
  const value = (text: string) => visit.text({ text, at })
  assert.equal(value('$uri'), '/a b')
  assert.equal(value(`<$uri>\${arg_y}$arg_z-$1$2$3.`), '</a b>2-one.')
  assert.equal(value('$REQUEST_URI'), '/a%20b?x=1&Y=2')
})

test('what is not known is an error, also a variable whose name a known one only begins with', t => {
  const scripts = new Scripts(siteOf(t, 'events {} http { server { listen 127.0.0.1:8080; } }'))
  for (const name of ['nope', 'Host_', 'htt', 'upstream_', 'arg', 'http', '1']) {
    const message = `unknown "${name.toLowerCase()}" variable`
    assert.throws(() => scripts.variable(name), { message })
    assert.throws(() => scripts.text({ text: `a\${${name}}`, at }), { message })
  }
})

test('names with a prefix, of which there are endlessly many, are not all remembered', t => {
  const scripts = new Scripts(siteOf(t, 'events {} http { server { listen 127.0.0.1:8080; } }'))
  const names = [...Array.from({ length: 5000 }, (_, i) => `arg_${i}`), 'uri']
  const found = names.map(name => scripts.variable(name))
  const kept = names.filter((name, i) => scripts.variable(name) === found[i])
  assert.deepEqual([kept.length, kept.at(-1)], [4097, 'uri'])
})

test('variables that the file gives a value to: empty or missing before, its own after', t => {
  const site = siteOf(
    t,
    `events {} http {
      map $args $mapped { default made; }
      server {
        listen 127.0.0.1:8080;
        server_name ~^(?<sub>\\w+)\\.test$;
        set $mine 1;
        set $http_mine 1;
        set $mapped 1;
        if ($uri ~ (?<Found>.)) { set $inner 1; }
        location ~ ^/(?<part>.*) { auth_request_set $asked $status; }
      }
    }`,
  )
  const visit = visitOf(factsOf(site), { target: '/', fields: { Mine: 'field' } })
  const before = (name: string) => visit.site.variable(name)(visit)
  visit.variables.clear()
  assert.deepEqual(['mine', 'inner', 'sub', 'found', 'part', 'asked', 'http_mine', 'mapped'].map(before), [
    '',
    '',
    null,
    null,
    null,
    null,
    'field',
    'made',
  ])
  for (const name of ['mine', 'found', 'http_mine', 'mapped']) assign(visit, name, 'new')
  assert.deepEqual(['MINE', 'found', 'http_mine', 'mapped'].map(before), ['new', 'new', 'new', 'new'])
})

test('what nothing has set is warned about once, where that is wanted', t => {
  const site = siteOf(
    t,
    `events {} http { server {
      listen 127.0.0.1:8080;
      if ($arg_never) { set $late 1; }
      location /quiet { uninitialized_variable_warn off; }
    } }`,
  )
  const said: string[] = []
  const facts = factsOf(site, said)
  const values = (target: string) => {
    const visit = visitOf(facts, { target })
    return [facts.variable('late')(visit), facts.variable('late')(visit)]
  }
  assert.deepEqual(values('/quiet'), ['', ''])
  assert.deepEqual(said, [])
  assert.deepEqual(values('/'), ['', ''])
  assert.deepEqual(said, ['warn: using uninitialized "late" variable'])
})

test('of two maps of one variable the later one holds', t => {
  const site = siteOf(
    t,
    `events {} http { map $args $a { default 1; } map $args $A { default 2; } server { listen 127.0.0.1:8080; } }`,
  )
  const visit = visitOf(factsOf(site))
  assert.equal(visit.text({ text: '$a', at }), '2')
})
