import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from '../read-text.ts'

test('every kind of referer is told from the others', () => {
  const [location] = siteOf(`server { location / {
    valid_referers none blocked server_names *.Example.com example.* www.example.org/galleries/ /x .all.net ~\\.google\\.;
  } }`).servers[0]!.locations
  const shown = location!.settings.validReferers!.map(each => ('at' in each ? { kind: each.kind } : each))
  assert.deepEqual(shown, [
    { kind: 'none' },
    { kind: 'blocked' },
    { kind: 'server names' },
    { kind: 'leading wildcard', name: 'example.com', path: '' },
    { kind: 'trailing wildcard', name: 'example', path: '' },
    { kind: 'exact', name: 'www.example.org', path: '/galleries/' },
    { kind: 'exact', name: '', path: '/x' },
    { kind: 'suffix', name: 'all.net', path: '' },
    { kind: 'regex', pattern: '\\.google\\.', caseless: true },
  ])
})

test('what is no name is refused', () => {
  for (const word of ['a.*.b', '*', 'a..b', '~', '""', '*.a.*']) {
    assert.match(
      readText(`server { valid_referers ${word}; }`).remarks[0] ?? 'taken',
      /invalid hostname or wildcard|empty regex|invalid referer/,
      word,
    )
  }
})

test('hash sizes do no harm', () => {
  assert.match(
    readText('server { referer_hash_max_size 64; }').remarks[0]!,
    /^notice: "referer_hash_max_size" has no/,
  )
})

test('none and blocked are no rule without somebody who is welcome', () => {
  assert.deepEqual(readText('server {\n valid_referers none blocked; location / { } }').remarks, [
    'emerg: the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer :2',
  ])
})
