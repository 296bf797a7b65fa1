// What an upstream that is down is asked by: the file's own words of TLS, as far as they are known without a request.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupConfig } from '../../src/config/nginx/group-config.ts'
import { probeTerms } from '../../src/groups/probe-terms.ts'
import { siteOf } from '../config/nginx/reading.ts'

test('the first place that passes to it decides', t => {
  const site = siteOf(
    t,
    `upstream a { server 127.0.0.1:1; } upstream b { server 127.0.0.1:2; } upstream c { server 127.0.0.1:3; }
     server {
       location /1 { proxy_pass https://a; proxy_ssl_server_name on; proxy_ssl_name app.example; }
       location /2 { proxy_pass http://a; }
       location /3 { proxy_pass http://b; }
       location /4 { proxy_pass https://c; proxy_ssl_server_name on; proxy_ssl_name $host;
                     proxy_ssl_certificate $host; proxy_ssl_certificate_key $host; }
       location /5 { proxy_pass $scheme://$arg_x; proxy_ssl_server_name on; }
     }`,
  )
  const of = (name: string, secure = false) => {
    const group = site.groups.find(each => each.name === name) ?? ({ name } as GroupConfig)
    return probeTerms(site, group, { secure, family: 'http' })?.tls?.serverName ?? null
  }
  assert.deepEqual([of('a'), of('b'), of('c')], ['app.example', null, 'c'])
  assert.deepEqual([of('z.example:443', true), of('z.example:443')], ['z.example', null])
})

test('a certificate of which only a request says the half is left out', t => {
  const site = siteOf(
    t,
    `upstream a { server 127.0.0.1:1; } upstream b { server 127.0.0.1:2; }
     server {
       location /1 { proxy_pass https://a; proxy_ssl_certificate none.pem; proxy_ssl_certificate_key $host; }
       location /2 { proxy_pass https://b; proxy_ssl_certificate $host; proxy_ssl_certificate_key none.pem; }
     }`,
  )
  for (const group of site.groups)
    assert.ok(probeTerms(site, group, { secure: false, family: 'http' })?.tls?.context)
})
