import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Caches, cacheMemories } from '../../src/cache/caches.ts'
import { siteOf } from '../support/visit.ts'

test('what is known goes on when the file is read again, unless it is another cache now', t => {
  const caches = (text: string) => siteOf(t, `http { ${text} server { } }`).caches
  const before = caches('proxy_cache_path /c/a keys_zone=a:1m; proxy_cache_path /c/b keys_zone=b:1m;')
  const memories = cacheMemories(before)
  assert.equal(Object.keys(memories).length, 2)
  const after = caches(
    'proxy_cache_path /c/a keys_zone=a:1m inactive=1s; proxy_cache_path /c/b levels=1 keys_zone=b:1m;',
  )
  const next = cacheMemories(after, { caches: before, memories })
  assert.equal(next['proxy_cache a'], memories['proxy_cache a'])
  assert.notEqual(next['proxy_cache b'], memories['proxy_cache b'])
  const made = new Caches(after, next, { error() {}, warn() {} })
  assert.equal(made.named('a')?.config.path, '/c/a')
  assert.equal(made.named('c'), null)
})
