import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'
import { type Case, sameAsNginx, valuesOf } from '../judge.ts'

const MAPS: Case = {
  http: `
    map $args $plain { default 0; foo bar; Foo2 "b r"; "" nothing; ~^re(.)$ "found $1"; ~*^RE(?<rest>..)$ "more $rest"; }
    map $args $host_like {
      hostnames;
      default 0;
      example.com foo;
      example.* right;
      *.example.com left;
      .dot.example.com special;
      *.deep.dot.example.com deep;
      www.example.* www;
      ~^REGEX.EXAMPLE\\.ORG$ sensitive;
      ~*^www.regex.example\\.org$ insensitive;
      \\include include;
      \\~tilde tilde;
      server $server_name;
      both "$server_name-\${plain}x";
    }
    map $args $bare { foo bar; }
    map $args$uri $joined { "foo/x" both; }
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    map $Args $upper { foo one; default $ARGS; }
    map $args $UPPER { foo 1; }`,
  text: '$plain|$host_like|$bare|$joined|$connection_upgrade|$upper|$1|$rest',
  asks: [
    ...[
      '/',
      '/?1',
      '/?foo',
      '/?FOO2',
      '/?rex',
      '/?REX',
      '/?rexy',
      '/?example.com',
      '/?EXAMPLE.COM.',
      '/?example.org',
      '/?example.org.uk',
      '/?example.',
      '/?example',
      '/?.example.com',
      '/?a.b.example.com',
      '/?dot.example.com',
      '/?www.dot.example.com',
      '/?x.deep.dot.example.com',
      '/?www.example.net',
      '/?REGEX.EXAMPLE.ORG',
      '/?regex.example.org',
      '/?WWW.REGEX.EXAMPLE.ORG',
      '/?include',
      '/?~tilde',
      '/?server',
      '/?both',
      '/?default',
      '/x?foo',
      '/?%C3%89',
    ].map(target => ({ target })),
    { target: '/', fields: { Upgrade: 'websocket' } },
  ],
}

test('map finds what nginx finds', { skip: without('nginx') }, t => sameAsNginx(t, MAPS))

test('whole values, ends of names, expressions and defaults, in that order', t => {
  const values = valuesOf(t, MAPS)
  assert.equal(values[2], 'bar|0|bar||close|1||')
  assert.equal(values[4], 'found x|0|||close||x|')
})

test('a value is worked out once for a request, but for a volatile one; one that needs itself is nothing', t => {
  const site = siteOf(
    t,
    `events {} http {
      map $args $once { default $args; }
      map $args $anew { volatile; default $args; }
      map $loop $loop { default "x$loop"; }
      server { listen 127.0.0.1:8080; location / { return 200 "$once $anew"; } }
    }`,
  )
  const said: string[] = []
  const visit = visitOf(factsOf(site, said), { target: '/?a' })
  const text = { text: '$once $anew', at: { file: '', line: 0 } }
  assert.equal(visit.text(text), 'a a')
  visit.args = 'b'
  assert.equal(visit.text(text), 'a b')
  assert.equal(visit.site.variable('loop')(visit), 'x')
  assert.deepEqual([...new Set(said)], ['error: cycle while evaluating variable "loop"'])
})
