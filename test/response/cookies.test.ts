import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { rewriteCookie } from '../../src/response/cookies.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

function rewritten(t: TestContext, lines: string, cookie: string): string {
  const site = siteOf(t, `server { location / { ${lines} } }`)
  return rewriteCookie(visitOf(factsOf(site), { target: '/?d=from.test&p=/in' }), cookie)
}

test('a cookie that no rule is for stays as it was written', t => {
  const odd = 'a=b;Domain=x.test;  Path=/;;Secure'
  assert.equal(rewritten(t, '', odd), odd)
  assert.equal(rewritten(t, 'proxy_cookie_domain other.test new.test;', odd), odd)
  assert.equal(rewritten(t, 'proxy_cookie_domain off; proxy_cookie_path off;', odd), odd)
})

test('its domain is replaced as a whole', t => {
  const lines = 'proxy_cookie_domain .From.test to.test;'
  assert.equal(rewritten(t, lines, 'a=b; Domain=from.test'), 'a=b; Domain=to.test')
  assert.equal(rewritten(t, lines, 'a=b;domain=.FROM.test;path=/'), 'a=b; domain=.to.test; path=/')
  assert.equal(rewritten(t, lines, 'a=b; Domain=sub.from.test'), 'a=b; Domain=sub.from.test')
  assert.equal(
    rewritten(t, 'proxy_cookie_domain $arg_d $host;', 'a=b; domain=from.test'),
    'a=b; domain=site.test',
  )
  const regex = 'proxy_cookie_domain ~^\\.?([a-z]+)\\.test$ $1.org;'
  assert.equal(rewritten(t, regex, 'a=b; Domain=.FROM.test'), 'a=b; Domain=FROM.org')
})

test('its path is replaced where it begins so', t => {
  assert.equal(rewritten(t, 'proxy_cookie_path /one/ /two/;', 'a=b; Path=/one/x'), 'a=b; Path=/two/x')
  assert.equal(rewritten(t, 'proxy_cookie_path $arg_p /two;', 'a=b; Path=/in/x'), 'a=b; Path=/two/x')
  assert.equal(rewritten(t, 'proxy_cookie_path ~*^/(i).* /$1;', 'a=b; Path=/In/x'), 'a=b; Path=/I')
  assert.equal(rewritten(t, 'proxy_cookie_path / "/; Secure";', 'Path=/x; path=/'), 'Path=/x; path=/; Secure')
})

test('flags are put and taken away, of the first line that is for it', t => {
  const put = 'proxy_cookie_flags A secure httponly samesite=strict; proxy_cookie_flags a nosecure;'
  assert.equal(rewritten(t, put, 'a=b; Path=/'), 'a=b; Path=/; Secure; HttpOnly; SameSite=Strict')
  assert.equal(rewritten(t, put, 'a=b; secure; samesite=lax'), 'a=b; secure; samesite=Strict; HttpOnly')
  assert.equal(rewritten(t, put, 'b=a'), 'b=a')
  const taken = 'proxy_cookie_flags ~^a nosecure nohttponly nosamesite;'
  assert.equal(rewritten(t, taken, 'ab=1; Secure; HttpOnly; SameSite=None; Path=/'), 'ab=1; Path=/')
  assert.equal(
    rewritten(t, 'proxy_cookie_flags $arg_d secure; proxy_cookie_flags ~ httponly;', 'x=1'),
    'x=1; HttpOnly',
  )
  assert.equal(rewritten(t, 'proxy_cookie_flags a $arg_none;', 'a=1'), 'a=1')
  assert.equal(rewritten(t, 'proxy_cookie_flags off;', 'off=1'), 'off=1')
})
