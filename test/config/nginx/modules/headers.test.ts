import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type AddedField, readExpires } from '../../../../src/config/nginx/modules/headers.ts'
import { problems, siteOf } from '../reading.ts'

function written(fields: readonly AddedField[]): string[] {
  return fields.map(({ name, value, always }) => `${name}: ${value.text}${always ? ' always' : ''}`)
}

test('a block that adds a field has none of those around it, one that adds none has all of them', t => {
  const [server] = siteOf(
    t,
    `add_header A 1; add_trailer T 1;
    server {
      add_header B "$host" always; add_header C "";
      location /a { add_header D 1; }
      location /b { }
    }`,
  ).servers
  const [a, b] = server!.locations
  assert.deepEqual(written(server!.settings.addedFields), ['B: $host always', 'C: '])
  assert.deepEqual(written(a!.settings.addedFields), ['D: 1'])
  assert.deepEqual(written(b!.settings.addedFields), ['B: $host always', 'C: '])
  assert.deepEqual(written(b!.settings.addedTrailers), ['T: 1'])
})

test('inheritance can be put out, or made to add up', t => {
  const added = (lines: string) =>
    written(
      siteOf(t, `add_header A 1; server { location / { ${lines} } }`).servers[0]!.locations[0]!.settings
        .addedFields,
    )
  assert.deepEqual(added('add_header_inherit off;'), [])
  assert.deepEqual(added('add_header_inherit merge; add_header B 2;'), ['B: 2', 'A: 1'])
  assert.deepEqual(added('add_header_inherit merge;'), ['A: 1'])
  assert.deepEqual(added('add_header_inherit on; add_header B 2;'), ['B: 2'])
})

function expires(t: TestContext, line: string): unknown {
  return siteOf(t, `server { expires ${line}; }`).servers[0]!.settings.expires
}

test('every form of expires is read', t => {
  assert.deepEqual(expires(t, 'off'), { kind: 'off' })
  assert.deepEqual(expires(t, 'epoch'), { kind: 'epoch' })
  assert.deepEqual(expires(t, 'max'), { kind: 'max' })
  assert.deepEqual(expires(t, '1h30m'), { kind: 'access', seconds: 5400 })
  assert.deepEqual(expires(t, '+30d'), { kind: 'access', seconds: 2_592_000 })
  assert.deepEqual(expires(t, '-1'), { kind: 'access', seconds: -1 })
  assert.deepEqual(expires(t, 'modified +24h'), { kind: 'modified', seconds: 86_400 })
  assert.deepEqual(expires(t, '@15h30m'), { kind: 'daily', seconds: 55_800 })
  const computed = expires(t, '$expires') as { kind: string; value: { text: string }; modified: boolean }
  assert.deepEqual([computed.kind, computed.value.text, computed.modified], ['computed', '$expires', false])
})

test('what expires cannot be is said in nginx’s words', t => {
  const wrong = {
    'expires 1ms': '"expires" directive invalid value',
    'expires foo': '"expires" directive invalid value',
    'expires later 1h': '"expires" directive invalid value',
    'expires modified max': '"expires" directive invalid value',
    'expires modified @1h': '"expires" directive daily time cannot be used with "modified" parameter',
    'expires @25h': '"expires" directive daily time value must be less than 24 hours',
    'add_header X y sometimes': 'invalid parameter "sometimes"',
    'add_header X': 'invalid number of arguments in "add_header" directive',
  }
  for (const [line, problem] of Object.entries(wrong)) {
    assert.deepEqual(problems(t, `server { ${line}; }`), [problem], line)
  }
})

test('a time that turns out empty is none', () => {
  assert.equal(readExpires('', false), 'invalid value')
  assert.equal(readExpires('@', false), 'invalid value')
})
