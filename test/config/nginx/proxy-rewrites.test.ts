import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from './reading.ts'

test('rules are read in their order, as texts or as patterns', t => {
  const { settings, locations } = siteOf(
    t,
    `server {
      location / { proxy_pass http://c; proxy_redirect http://a/ /; proxy_redirect ~*^b(.) /$1; proxy_redirect default; }
      proxy_cookie_domain ~x y; proxy_cookie_path off; proxy_cookie_flags ~a secure $arg_x; proxy_cookie_flags off;
    }`,
  ).servers[0]!
  assert.deepEqual(
    locations[0]!.settings.proxyRedirects.map(({ kind }) => kind),
    ['text', 'regex', 'usual'],
  )
  assert.equal(settings.cookieDomains[0]!.from?.value.text, 'x')
  assert.equal(settings.cookiePaths[0]!.from, null)
  const flags = settings.cookieFlags.map(({ cookie, flags }) => [
    cookie.text,
    ...flags.map(({ text }) => text),
  ])
  assert.deepEqual(flags, [['~a', 'secure', '$arg_x'], ['off']])
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'proxy_redirect foo': 'invalid parameter "foo"',
    'proxy_redirect default': '"proxy_redirect default" should be placed after the "proxy_pass" directive',
    'location / { proxy_redirect default; proxy_pass http://a; }':
      '"proxy_redirect default" should be placed after the "proxy_pass" directive',
    'location / { proxy_pass http://$host; proxy_redirect default; }':
      '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables',
    'proxy_redirect a b; proxy_redirect off': '"proxy_redirect" directive is duplicate',
    'proxy_redirect off; proxy_redirect a b': '"proxy_redirect" directive is duplicate',
    'proxy_cookie_domain off; proxy_cookie_domain a b': '"proxy_cookie_domain" directive is duplicate',
    'proxy_cookie_path a': 'invalid parameter "a"',
    'proxy_cookie_flags a': 'invalid parameter "a"',
    'proxy_cookie_flags a b':
      'invalid parameter "b", it must be one of secure, httponly, samesite=strict, samesite=lax, samesite=none, nosecure, nohttponly, nosamesite',
  }
  for (const [lines, problem] of Object.entries(wrong)) {
    assert.deepEqual(problems(t, `server { ${lines}${lines.endsWith('}') ? '' : ';'} }`), [problem], lines)
  }
})
