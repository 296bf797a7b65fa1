import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedByNginx } from '../../support/nginx.ts'
import { without } from '../../support/servers.ts'
import { problems, read } from './reading.ts'

const skip = without('nginx')

const NAMES = 'a* a.*.b *.a.* *.a* ..a a..b .a.* *.* *.*.a a.*. ~a* _ - a/b *.a. .a a'.split(' ')

test('beside another server at the address a name must be one, in the words of nginx', { skip }, t => {
  const [ours, theirs]: Record<string, string | null>[] = [{}, {}]
  for (const name of NAMES) {
    const text = `server { listen 8080; server_name ${name}; } server { listen 8080; server_name b; }`
    ours![name] = problems(t, text)[0] ?? null
    theirs![name] = checkedByNginx(t, text)
  }
  assert.deepEqual(ours, theirs)
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
