import assert from 'node:assert/strict'
import { test } from 'node:test'
import { absoluteLocation, slashLocation } from '../../src/route/absolute-location.ts'
import { LocationTree } from '../../src/route/location-tree.ts'
import { askNginx, startNginx } from '../support/nginx.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const skip = without('nginx')

const SERVERS = [
  '',
  'absolute_redirect off;',
  'server_name_in_redirect on;',
  'server_name_in_redirect on; server_name named.test other.test;',
  'port_in_redirect off;',
  'port_in_redirect off; server_name_in_redirect on; server_name .dotted.test;',
]
const HOSTS = ['a.test', 'A.Test.', 'a.test:81', '[::1]:80', null]

test('a path becomes the address that nginx sends', { skip }, async t => {
  for (const lines of SERVERS) {
    const server = `server { listen 127.0.0.1:PORT; ${lines} location / { return 301 /to?x; } location /e { return 302 e; } }`
    const nginx = await startNginx(t, server)
    const facts = factsOf(siteOf(t, server.replaceAll('PORT', '8080')))
    for (const host of HOSTS) {
      const visit = visitOf(facts, { connection: { localPort: nginx.port } })
      Object.assign(visit.head, { host: host ?? '' })
      for (const [target, location] of [
        ['/', '/to?x'],
        ['/e', 'e'],
      ] as const) {
        const { fields } = await askNginx(nginx, target, { version: '1.0', fields: { Host: host } })
        assert.equal(absoluteLocation(visit, location), fields.location, `${host} with ${lines}`)
      }
    }
  }
})

test('the usual port of the scheme is not named', t => {
  const facts = factsOf(siteOf(t, 'server { listen 80; }'))
  const at = (localPort: number, secure: boolean) =>
    absoluteLocation(visitOf(facts, { connection: { localPort, secure } }), '/x')
  assert.equal(at(80, false), 'http://site.test/x')
  assert.equal(at(443, true), 'https://site.test/x')
  assert.equal(at(443, false), 'http://site.test:443/x')
  assert.equal(at(80, true), 'https://site.test:80/x')
  assert.equal(at(0, false), 'http://site.test/x')
})

test('a location without its slash is named in full, escaped, with the query', t => {
  const { servers } = siteOf(t, 'server { location "/a b/" { proxy_pass http://127.0.0.1:1; } }')
  const found = new LocationTree(servers[0]!.locations).find('/a b')
  assert.equal(found?.slash, true)
  assert.equal(slashLocation(found!, ''), '/a%20b/')
  assert.equal(slashLocation(found!, 'x=%20'), '/a%20b/?x=%20')
})
