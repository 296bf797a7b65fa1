import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { rewriteRedirect } from '../../src/response/redirects.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

function rewritten(t: TestContext, location: string, address: string): string | null {
  const visit = visitOf(factsOf(siteOf(t, `server { ${location} }`)), { target: '/app/x?to=there' })
  return rewriteRedirect(visit, address)
}

test('by default an address below where requests go comes back to its location', t => {
  const plain = 'location /app/ { proxy_pass http://Backend.test:8000; }'
  assert.equal(rewritten(t, plain, 'http://Backend.test:8000/app/y'), '/app/y')
  assert.equal(rewritten(t, plain, 'http://backend.test:8000/app/y'), null)
  assert.equal(rewritten(t, plain, '/app/y'), null)
  const moved = 'location /app/ { proxy_pass http://b:8000/one/; }'
  assert.equal(rewritten(t, moved, 'http://b:8000/one/y'), '/app/y')
  assert.equal(rewritten(t, moved, 'http://b:8000/y'), null)
  const regex = 'location ~ ^/app { proxy_pass http://b; }'
  assert.equal(rewritten(t, regex, 'http://b/y'), '/y')
  assert.equal(rewritten(t, 'location /app/ { proxy_pass http://$arg_to; }', 'http://there/y'), null)
})

test('it can be put out', t => {
  assert.equal(
    rewritten(t, 'location /app/ { proxy_pass http://b; proxy_redirect off; }', 'http://b/y'),
    null,
  )
})

test('texts and patterns are tried in order, with variables and captures', t => {
  const location = `location /app/ {
    proxy_pass http://b;
    proxy_redirect http://$arg_to/ https://$arg_to/;
    proxy_redirect ~*^http://([a-z]+)(?<port>:\\d+)?/(.+)$ /$1$port/$3;
    proxy_redirect /old/ /new/;
    proxy_redirect default;
  }`
  assert.equal(rewritten(t, location, 'http://there/x'), 'https://there/x')
  assert.equal(rewritten(t, location, 'HTTP://other:80/x'), '/other:80/x')
  assert.equal(rewritten(t, location, 'http://other/x'), '/other/x')
  assert.equal(rewritten(t, location, '/old/x'), '/new/x')
  assert.equal(rewritten(t, location, 'http://b/'), '/')
  assert.equal(rewritten(t, location, 'ftp://other/'), null)
})

test('only what stands behind a place is looked at', t => {
  const visit = visitOf(factsOf(siteOf(t, 'server { location / { proxy_pass http://b; } }')))
  assert.equal(rewriteRedirect(visit, '5; url=http://b/x', 7), '5; url=/x')
})
