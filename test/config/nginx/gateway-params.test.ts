import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FASTCGI_PHP, GATEWAY_PARAMS } from '../../../src/config/nginx/gateway-params.ts'

/** Names and words of a file's directives, sorted. */
function told(text: string): string[] {
  return text
    .replaceAll(/#.*$/gm, '')
    .split(';')
    .map(line => line.trim().split(/\s+/).join(' '))
    .filter(line => line !== '')
    .sort()
}

test('there is one for each file that guides include', () => {
  assert.deepEqual(GATEWAY_PARAMS.map(([name]) => name).sort(), [
    'fastcgi.conf',
    'fastcgi_params',
    'scgi_params',
    'uwsgi_params',
  ])
})

for (const [name, text] of GATEWAY_PARAMS) {
  const theirs = `/etc/nginx/${name}`
  test(`${name} says what nginx’s says`, {
    skip: !existsSync(theirs) && 'nginx is not installed here',
  }, () => {
    const ours = told(text)
    assert.equal(new Set(ours).size, ours.length)
    // The length is SCGI's own affair; which host was meant, Debian says by a parameter and we by the field itself.
    assert.deepEqual(
      ours,
      told(readFileSync(theirs, 'latin1')).filter(line => !/_param HTTP_HOST /.test(line)),
    )
  })
}

const snippet = '/etc/nginx/snippets/fastcgi-php.conf'
test('what Debian has for PHP', { skip: !existsSync(snippet) && 'nginx is not installed here' }, () => {
  assert.deepEqual(told(FASTCGI_PHP), told(readFileSync(snippet, 'latin1')))
})
