import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmurHash2 } from '../../../src/script/made/split-value.ts'
import { without } from '../../support/servers.ts'
import { type Case, sameAsNginx, valuesOf } from '../judge.ts'

const SPLIT: Case = {
  http: `
    split_clients "\${args}AAA" $variant { 0.5% .one; 12.25% .two; 33.33% .three; * ""; }
    split_clients $uri$args $half { 50% a; }
    split_clients $args $thirds { 33.3% a; 33.3% b; 33.4% c; }`,
  text: '$variant $half $thirds',
  asks: Array.from({ length: 150 }, (_, n) => ({ target: `/?${'x'.repeat(n % 7)}${n * 7919}` })),
}

test('split_clients parts as nginx parts', { skip: without('nginx') }, t => sameAsNginx(t, SPLIT))

test('shares are about what they say', t => {
  const halves = valuesOf(t, SPLIT).filter(value => value.split(' ')[1] === 'a').length
  assert.ok(halves > 50 && halves < 100, `${halves} of 150 in the first half`)
})

test('MurmurHash2 of texts of every length', () => {
  const texts = ['', 'a', 'ab', 'abc', 'abcd', 'abcde', '\xff\xfe\xfd\xfc\xfb']
  assert.deepEqual(
    texts.map(murmurHash2),
    [0, 2_456_313_694, 446_775_395, 324_500_635, 646_393_889, 1_594_468_574, 4_209_270_460],
  )
})
