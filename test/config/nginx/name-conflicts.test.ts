import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../../support/servers.ts'
import { assertAsNginx, read } from './reading.ts'

const skip = without('nginx')

const NAMES = 'a* a.*.b *.a.* *.a* ..a a..b .a.* *.* *.*.a a.*. ~a* _ - a/b *.a. .a a'.split(' ')

test('beside another server at the address a name must be one, in the words of nginx', { skip }, t => {
  assertAsNginx(
    t,
    NAMES,
    name => `server { listen 8080; server_name ${name}; } server { listen 8080; server_name b; }`,
  )
})

function warnings(t: Parameters<typeof read>[0], ...names: string[]): string[] {
  const text = names.map(each => `server { listen 127.0.0.1:8080; server_name ${each}; }`).join('\n')
  return read(t, text)
    .remarks.filter(({ level }) => level === 'warn')
    .map(({ message }) => message)
}

test('of two servers with one name at an address the second is warned about', t => {
  const conflict = (name: string) => [`conflicting server name "${name}" on 127.0.0.1:8080, ignored`]
  assert.deepEqual(warnings(t, 'a', 'A'), conflict('a'))
  assert.deepEqual(warnings(t, '*.a', '*.a'), conflict('*.a'))
  assert.deepEqual(warnings(t, 'a', '.a'), conflict('.a'))
  assert.deepEqual(warnings(t, 'a.*', 'b a.*'), conflict('a.*'))
  assert.deepEqual(warnings(t, 'a', '*.a', 'a.*', '~a', '~a', 'b'), [])
  assert.deepEqual(warnings(t, 'a a'), [])
})
