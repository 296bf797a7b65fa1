import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFreshness } from '../../src/cache/freshness.ts'
import { HeaderList } from '../../src/http1/headers.ts'

const NOW = 1_800_000_000
const PAST = 'Thu, 01 Jan 1970 00:00:01 GMT'
const FUTURE = 'Thu, 31 Dec 2037 23:55:55 GMT'

/** What the fields of an answer come to: whether it may be kept, for how many seconds, and how long beyond that. */
function said(lines: readonly string[], ignored: readonly string[] = []): string {
  const headers = new HeaderList()
  for (const line of lines) headers.add(...(line.split(/: ?(.*)/s, 2) as [string, string]))
  const { mayKeep, validUntil, updatingFor, errorFor, vary } = readFreshness(headers, ignored, NOW)
  const times = validUntil === 0 ? 'unsaid' : String(validUntil - NOW)
  const stale = updatingFor + errorFor === 0 ? '' : ` +${updatingFor}/${errorFor}`
  return `${mayKeep ? times : 'no'}${stale}${vary === '' ? '' : ` ${vary}`}`
}

// The order is that of nginx-tests' proxy_cache_control.t, and of ngx_http_upstream_process_cache_control.
const CASES: readonly (readonly [lines: readonly string[], expected: string])[] = [
  [[], 'unsaid'],
  [['Cache-Control: max-age=60'], '60'],
  [['Cache-Control: public, max-age=60, s-maxage=5'], '5'],
  [['Cache-Control: max-age="60"'], 'no'],
  [['Cache-Control: max-age='], 'no'],
  [['Cache-Control: max-age=0'], 'no'],
  [['Cache-Control: MAX-AGE=60'], '60'],
  [['Cache-Control: x-max-age=60'], '60'],
  [['Cache-Control: no-cache, max-age=60'], 'no'],
  [['Cache-Control: no-cache', 'Cache-Control: max-age=60'], 'no'],
  [['Cache-Control: No-Store'], 'no'],
  [['Cache-Control: private="x"'], 'no'],
  [['Cache-Control: max-age=9223372036854775808'], String(2 ** 40)],
  [[`Expires: ${FUTURE}`], String(Date.parse(FUTURE) / 1000 - NOW)],
  [[`Expires: ${PAST}`], 'no'],
  [['Expires: 0'], 'no'],
  [['Cache-Control: max-age=60', `Expires: ${PAST}`], '60'],
  [[`Expires: ${PAST}`, 'Cache-Control: max-age=60'], '60'],
  [['Cache-Control: no-cache', `Expires: ${FUTURE}`], 'no'],
  [['X-Accel-Expires: 60'], '60'],
  [[`X-Accel-Expires: @${NOW + 7}`], '7'],
  [['X-Accel-Expires: soon'], 'unsaid'],
  [['X-Accel-Expires: 60', 'X-Accel-Expires: 0'], '60'],
  [['X-Accel-Expires: 60', `Expires: ${PAST}`, 'Cache-Control: no-cache'], '60'],
  [[`Expires: ${PAST}`, 'Cache-Control: no-cache', 'X-Accel-Expires: 60'], '60'],
  [['Cache-Control: max-age=60', 'X-Accel-Expires: 0'], 'no'],
  [['X-Accel-Expires: 0', 'Cache-Control: max-age=60'], 'no'],
  [['Cache-Control: max-age=1, stale-while-revalidate=20'], '1 +20/20'],
  [['Cache-Control: max-age=1, stale-if-error=20'], '1 +0/20'],
  [['Cache-Control: max-age=1, stale-while-revalidate=5, stale-if-error=20'], '1 +5/20'],
  [['Cache-Control: max-age=1, stale-while-revalidate=x'], 'no'],
  [['X-Accel-Expires: 60', 'Cache-Control: no-cache, stale-if-error=9'], '60 +0/9'],
  [['Set-Cookie: a=b', 'Cache-Control: max-age=60'], 'no'],
  [['X-Accel-Expires: 60', 'Set-Cookie: a=b'], 'no'],
  [['Cache-Control: max-age=60', 'Vary: Accept'], '60 Accept'],
  [['Vary: Accept', 'Cache-Control: max-age=60', 'Vary: Cookie'], '60 Accept, Cookie'],
  [['Cache-Control: max-age=60', 'Vary: *'], 'no *'],
  [['Cache-Control: max-age=60', `Vary: ${'x'.repeat(129)}`], `no ${'x'.repeat(129)}`],
]

for (const [lines, expected] of CASES)
  test(lines.length === 0 ? 'an answer that says nothing' : lines.join(', ').slice(0, 90), () =>
    assert.equal(said(lines), expected),
  )

test('what proxy_ignore_headers names is not listened to', () => {
  const lines = ['Cache-Control: no-store', 'Expires: 0', 'Set-Cookie: a=b', 'Vary: *', 'X-Accel-Expires: 0']
  const fields = lines.map(line => line.slice(0, line.indexOf(':')).toLowerCase())
  assert.equal(said(lines, fields), 'unsaid')
  assert.equal(said(lines, fields.slice(1)), 'no')
})
