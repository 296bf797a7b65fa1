import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { serveFiles } from '../../src/files/files.ts'
import { without } from '../support/servers.ts'
import { visitOf } from '../support/visit.ts'
import { pairOf, same } from './rig.ts'

const skip = without('nginx')

test('index names the file that stands for a folder', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { }
     location /several/ { index nope.x second.html index.html; alias FOLDER/html/dir/; }
     location /lines/ { index nope.x; index second.html; alias FOLDER/html/dir/; }
     location /absolute/ { index nope /dir/b.txt; }
     location /below/ { index sub/inner.html; alias FOLDER/html/dir/; }
     location /folder/ { index sub; alias FOLDER/html/dir/; }
     location /no-slash { alias FOLDER/html/dir; }
     location /none/ { index nope; alias FOLDER/html/dir/; }
     location /list/ { index nope; autoindex on; alias FOLDER/html/dir/; }
     location = /exact/ { alias FOLDER/html/dir/; }
     location ~ ^/elsewhere/second.html$ { alias FOLDER/html/dir/b.txt; }
     location /elsewhere/ { index second.html; alias FOLDER/html/dir/; }
     location /long/ { index ${'x'.repeat(300)}; alias FOLDER/html/dir/; }
     location /quiet/ { log_not_found off; }`,
  )
  mkdirSync(`${pair.html}/dir/sub`, { recursive: true })
  mkdirSync(`${pair.html}/absolute`)
  for (const name of ['index.html', 'second.html', 'b.txt', 'sub/inner.html'])
    writeFileSync(`${pair.html}/dir/${name}`, name)
  const places =
    'several lines absolute below folder no-slash none list exact elsewhere long quiet dir nope'.split(' ')
  for (const place of places)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT']) await same(pair, `/${place}/`, { method })
  for (const target of ['/', '/dir//', '/dir/b.txt/', '/no-slash', '/dir/?x=1']) await same(pair, target)
})

test('random_index takes any file, but no folder and nothing hidden', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location /one/ { random_index on; }
     location /empty/ { random_index on; }
     location /nope/ { random_index on; }
     location /many/ { random_index on; }`,
  )
  for (const folder of ['one/sub', 'empty', 'many']) mkdirSync(`${pair.html}/${folder}`, { recursive: true })
  for (const name of ['one/only.html', 'one/.hidden', 'many/a', 'many/b', 'many/c'])
    writeFileSync(`${pair.html}/${name}`, name)
  for (const place of ['one', 'empty', 'nope'])
    for (const method of ['GET', 'POST', 'PUT']) await same(pair, `/${place}/`, { method })
  const seen = new Set<string>()
  // That one of three is missing after 200 has a chance of 1 in 10 to the 35th.
  for (let i = 0; i < 200; i++) {
    const outcome = await serveFiles(visitOf(pair.facts, { target: '/many/' }))
    assert.ok(outcome.kind === 'jump')
    seen.add(outcome.uri)
  }
  assert.deepEqual([...seen].sort(), ['/many/a', '/many/b', '/many/c'])
})

test('names and roots with variables', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { index $arg_index index.html; }
     location /root/ { root FOLDER/$arg_root; }
     location /relative/ { root $arg_root; }
     location ~ ^/regex/(.*)$ { alias FOLDER/html/dir/$1; autoindex on; }
     location ~* ^/~(?<user>\\w+)(?<rest>/.*)?$ { alias FOLDER/html/$user$rest; autoindex on; }`,
  )
  mkdirSync(`${pair.html}/dir/root`, { recursive: true })
  for (const name of ['index.html', 'other.html', 'root/index.html'])
    writeFileSync(`${pair.html}/dir/${name}`, name)
  const targets = [
    ...['/dir/?index=other.html', '/dir/?index=nope', '/dir/?index=/dir/other.html', '/dir/?index='],
    ...['/root/?root=html/dir', '/root?root=html/dir', '/root/index.html?root=html/dir', '/root/?root=nope'],
    ...['/relative/?root=html/dir', '/relative/?root='],
    ...[
      '/regex/',
      '/regex/other.html',
      '/regex/root',
      '/regex/root/',
      '/regex/nope',
      '/~dir/other.html',
      '/~dir',
      '/~dir/',
    ],
  ]
  for (const target of targets) await same(pair, target)
})
