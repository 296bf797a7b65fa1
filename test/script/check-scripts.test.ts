import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkScripts } from '../../src/script/check-scripts.ts'
import { siteOf } from '../support/visit.ts'

test('everything that cannot be compiled is reported with its place', t => {
  const site = siteOf(
    t,
    `events {}
http {
  log_format broken '$host $nope1 $2y';
  map $nope2 $a { default $nope3; ~( x; \\~( y; ~^\\$ fine; }
  geo $nope4 $b { default 1; }
  split_clients $nope5 $host { * 1; }
  limit_req_zone $nope6 zone=z:10m rate=1r/s;
  upstream u { server 127.0.0.1:1; hash $nope7; }
  server {
    listen 127.0.0.1:8080;
    server_name ~^[;
    set $server_name x;
    set $x "\${nope8";
    if ($uri ~ "(?<uri>a)") { rewrite ^(.*$ /$nope9; }
    location ~* "a{2,1}" { proxy_redirect ~^(http $nope10; proxy_cookie_domain ~\\.(x$ y; proxy_pass http://$nope11; }
    location / { proxy_cookie_domain "~^(a)$" $1; proxy_redirect "~^(b)$" /$1; proxy_cookie_flags ~x$ secure; }
    location /known { return 200 "$host $http_any $arg_any $cookie_any $ssl_protocol $upstream_http_any $1 $x $a $b"; }
  }
}`,
  )
  const said = checkScripts(site)
  const lines = said.map(({ message, at }) => `${at?.line}: ${message}`)
  assert.deepEqual(
    lines.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1)),
    [
      '3: unknown "2y" variable',
      '3: unknown "nope1" variable',
      '4: regular expression "(" failed: missing closing parenthesis',
      '4: unknown "nope2" variable',
      '4: unknown "nope3" variable',
      '5: unknown "nope4" variable',
      '6: the duplicate "host" variable',
      '6: unknown "nope5" variable',
      '7: unknown "nope6" variable',
      '8: unknown "nope7" variable',
      '11: regular expression "^[" failed: missing terminating ] for character class',
      '12: the duplicate "server_name" variable',
      '13: the closing bracket in "nope8" variable is missing',
      '14: regular expression "^(.*$" failed: missing closing parenthesis',
      '14: the duplicate "uri" variable',
      '14: unknown "nope9" variable',
      '15: regular expression "\\.(x$" failed: missing closing parenthesis',
      '15: regular expression "^(http" failed: missing closing parenthesis',
      '15: regular expression "a{2,1}" failed: numbers out of order in {} quantifier',
      '15: unknown "nope10" variable',
      '15: unknown "nope11" variable',
    ],
  )
  for (const { level, at } of said) {
    assert.equal(level, 'emerg')
    assert.equal(at?.file, site.file)
  }
})

test('what nginx lets be defined anew is no error', t => {
  const site = siteOf(
    t,
    `events {} http { map $uri $x { default 1; } map $uri $ssl_protocol { default 1; }
      server { listen 127.0.0.1:8080; set $args a; set $limit_rate 1k; set $x 2; set $http_host_ 1; set $http_foo 1;
        rewrite "^/(?<http_bar>a)" /; } }`,
  )
  assert.deepEqual(checkScripts(site), [])
})
