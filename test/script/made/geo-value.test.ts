import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'
import { type Case, sameAsNginx, valuesOf } from '../judge.ts'

const GEO: Case = {
  http: `
    geo $geo { 127.0.0.0/8 loopback; 192.0.2.0/24 test; 0.0.0.0/0 world; }
    geo $deleted { 127.0.0.0/8 loopback; 0.0.0.0/0 world; delete 127.0.0.0/8; }
    geo $arg_ip $nets {
      default none;
      10.0.0.0/8 ten;
      10.1.0.0/16 ten-one;
      10.1.2.0/24 ten-one-two;
      10.1.2.3 host;
      10.1.2.3/32 host-again;
      10.255.255.255 last;
      255.255.255.255 broadcast;
      192.168.1.7/24 masked;
      2001:db8::/32 doc;
      2001:db8:1::/48 doc-one;
      2001:db8:1::1 one;
      ::1 six-loopback;
      ::/1 low;
    }
    geo $arg_ip $spans {
      ranges;
      default none;
      10.0.0.0-10.0.3.255 a;
      10.0.1.0-10.0.1.255 b;
      10.0.1.7-10.0.1.7 c;
      10.0.3.0-10.0.3.255 d;
      10.0.255.0-10.2.0.255 across;
      10.1.0.0-10.1.255.255 middle;
      1.0.0.0-1.0.0.9 gone;
      delete 1.0.0.0-1.0.0.9;
    }
    geo $arg_ip $silent { 10.0.0.0/8 ten; }
    geo $proxied { default default; proxy 127.0.0.0/8; 127.0.0.0/8 loopback; 192.0.2.0/24 test; 2001:db8::/32 six; }
    geo $recursive {
      proxy_recursive; default default; proxy 127.0.0.1; proxy 192.0.2.7;
      127.0.0.0/8 loopback; 192.0.2.0/24 test; 10.0.0.0/8 ten;
    }`,
  text: '$geo $deleted $nets $spans $silent $proxied $recursive',
  asks: [
    ...[
      '',
      '10.0.0.1',
      '10.0.0.0',
      '10.0.1.0',
      '10.0.1.7',
      '10.0.1.255',
      '10.0.2.0',
      '10.0.3.9',
      '10.0.4.0',
      '10.0.255.1',
      '10.1.2.2',
      '10.1.2.3',
      '10.1.2.4',
      '10.1.255.255',
      '10.2.0.255',
      '10.2.1.0',
      '10.255.255.255',
      '11.0.0.0',
      '9.255.255.255',
      '1.0.0.3',
      '0.0.0.0',
      '255.255.255.255',
      '192.168.1.9',
      '192.168.2.9',
      '2001:db8::5',
      '2001:db8:1::1',
      '2001:db8:1::2',
      '2001:db8:2::',
      '2001:db9::',
      '::1',
      '::2',
      'ffff::',
      '::ffff:10.0.1.7',
      'nonsense',
      '10.0.0',
    ].map(ip => ({ target: `/?ip=${ip}` })),
    ...[
      '192.0.2.1',
      '10.0.0.1, 192.0.2.1',
      '192.0.2.1, 127.0.0.1',
      '10.0.0.1,192.0.2.7 , 127.0.0.1',
      '10.0.0.1:80, 192.0.2.7:8080',
      '[2001:db8::1]:443',
      'nonsense',
      'nonsense, 192.0.2.7',
      ...[
        '0192.0.2.0001',
        '192.0.2.1:0',
        '192.0.2.1:99999',
        '192.0.2.1:x',
        '2001:db8::1%eth0',
        '[2001:db8::1]',
        '[192.0.2.1]:80',
      ],
    ].map(list => ({ fields: { 'X-Forwarded-For': list } })),
  ],
}

test('geo finds what nginx finds', { skip: without('nginx') }, t => sameAsNginx(t, GEO))

test('the narrowest network, the last range, and the defaults', t => {
  const values = valuesOf(t, GEO)
  assert.equal(values[0], 'loopback world broadcast none  loopback loopback')
  assert.equal(values[4], 'loopback world ten c ten loopback loopback')
})

test('a Unix socket has no address, and gets what is said of none', t => {
  const config: Case = {
    http: 'geo $a { default other; 255.255.255.255 none; } geo $b { ranges; default other; 1.1.1.1-1.1.1.2 x; }',
    text: '$a $b',
    asks: [{ connection: { peer: 'unix:' } }],
  }
  assert.deepEqual(valuesOf(t, config), ['none other'])
})

test('a value is worked out once for a request, but for a volatile one', t => {
  const networks = '192.0.2.0/24 test; 10.0.0.0/8 ten;'
  const site = siteOf(
    t,
    `events {} http {
      geo $args $once { ${networks} }
      geo $args $anew { volatile; ${networks} }
      geo $args $span { ranges; volatile; 10.0.0.0-10.0.0.9 few; }
      server { listen 127.0.0.1:8080; }
    }`,
  )
  const visit = visitOf(factsOf(site), { target: '/?192.0.2.1' })
  const text = { text: '$once $anew $span', at: { file: '', line: 0 } }
  assert.equal(visit.text(text), 'test test ')
  visit.args = '10.0.0.1'
  assert.equal(visit.text(text), 'test ten few')
})
