import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { without } from '../support/servers.ts'
import { type Pair, pairOf, same } from './rig.ts'

const skip = without('nginx')
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE']

function put(pair: Pair, name: string, content: string): void {
  writeFileSync(Buffer.from(`${pair.html}/${name}`, 'latin1'), content)
}

test('files are served, redirected and refused as nginx does, with every method', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { }
     location /al { alias FOLDER/html/dir; }
     location /als/ { alias FOLDER/html/dir/; }`,
    'default_type application/x-base;',
  )
  mkdirSync(`${pair.html}/dir`)
  mkdirSync(`${pair.html}/em pty%dir`)
  const names = [
    'a.html',
    'dir/b.txt',
    '.html',
    'x.GIF',
    'y.jpg',
    'no extension',
    'a b.html',
    '\xc3\xbc.html',
  ]
  for (const name of names) put(pair, name, `the content of ${name}`)
  put(pair, 'empty.txt', '')
  execFileSync('mkfifo', [`${pair.html}/fifo`])
  symlinkSync('/dev/zero', `${pair.html}/device`)
  const targets = [
    ...[
      '/a.html',
      '/dir',
      '/dir?x=1',
      '/dir/b.txt',
      '/nope',
      '/a.html/x',
      '/a.html/',
      '/empty.txt',
      '/.html',
    ],
    ...['/x.GIF', '/y.jpg', '/no%20extension', '/a%20b.html', '/%c3%bc.html', '/fifo', '/device'],
    ...['/em%20pty%25dir', '/em%20pty%25dir?a%20b&c', '/al', '/al/', '/al/b.txt', '/alb.txt', '/als/b.txt'],
    `/${'x'.repeat(300)}`,
  ]
  for (const target of targets) for (const method of METHODS) await same(pair, target, { method })
  assert.deepEqual(pair.said.filter(isLoud).sort(), logOf(pair), 'the error log has the same lines')
})

test('types and default_type say what a file is', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location /own/ { types { text/x-own TXT Html; } default_type application/x-other; alias FOLDER/html/; }
     location /none/ { types { } default_type ""; alias FOLDER/html/; }`,
  )
  for (const name of ['a.txt', 'a.html', 'a.toString', 'a.']) {
    put(pair, name, name)
    for (const place of ['', '/own', '/none']) await same(pair, `${place}/${name}`)
  }
})

test('gzip_static finds the compressed twin, and Vary tells of it', { skip }, async t => {
  const places = ['on; gzip_vary on', 'always; gzip_vary on', 'on', 'always', 'off', 'on; gzip_proxied any']
  const pair = await pairOf(
    t,
    places.map((rule, at) => `location /${at}/ { gzip_static ${rule}; alias FOLDER/html/; }`).join('\n'),
  )
  for (const name of ['a.html', 'a.html.gz', 'plain.html', 'only.html.gz', 'folder.html'])
    put(pair, name, name)
  mkdirSync(`${pair.html}/folder.html.gz`)
  const fields: Record<string, string>[] = [
    {},
    { 'Accept-Encoding': 'gzip' },
    { 'Accept-Encoding': 'gzip;q=0, br' },
    { 'Accept-Encoding': 'br, gzip', Via: '1.1 other' },
    { 'Accept-Encoding': 'gzip', Range: 'bytes=0-1' },
  ]
  for (const place of places.keys())
    for (const name of ['a.html', 'plain.html', 'only.html', 'folder.html', 'nope.html'])
      for (const each of fields)
        for (const method of ['GET', 'HEAD', 'POST'])
          await same(pair, `/${place}/${name}`, { method, fields: each })
})

test('disable_symlinks holds for every part of a path', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location /on/ { disable_symlinks on; alias FOLDER/html/; }
     location /owner/ { disable_symlinks if_not_owner; alias FOLDER/html/; }
     location /from/ { disable_symlinks on from=FOLDER/html/link; alias FOLDER/html/link/; }
     location /from-slash/ { disable_symlinks on from=FOLDER/html/link/; alias FOLDER/html/link/; }
     location /from-else/ { disable_symlinks on from=/nowhere; alias FOLDER/html/link/; }
     location /dotted/ { disable_symlinks on; alias FOLDER//html/./dir/..//; }`,
  )
  mkdirSync(`${pair.html}/dir`)
  for (const name of ['a.html', 'dir/index.html']) put(pair, name, name)
  symlinkSync('a.html', `${pair.html}/link.html`)
  symlinkSync('dir', `${pair.html}/link`)
  symlinkSync('index.html', `${pair.html}/dir/inner.html`)
  symlinkSync('/etc/hostname', `${pair.html}/theirs`)
  const below = [
    'a.html',
    'link.html',
    'link',
    'link/',
    'link/index.html',
    'dir/',
    'dir/inner.html',
    'theirs',
    'nope',
  ]
  for (const place of ['', '/on', '/owner', '/dotted'])
    for (const each of below) await same(pair, `${place}/${each}`)
  for (const place of ['/from', '/from-slash', '/from-else'])
    for (const each of ['', 'index.html', 'inner.html']) await same(pair, `${place}/${each}`)
  assert.deepEqual(pair.said.filter(isLoud).sort(), logOf(pair))
})

function isLoud(line: string): boolean {
  return !line.startsWith('info: ')
}

// The lines of errors in nginx's log, less what it says of the client.
function logOf({ folder }: Pair): string[] {
  return readFileSync(`${folder}/error.log`, 'latin1')
    .split('\n')
    .filter(line => / \[(?:error|crit|alert)\] /.test(line))
    .map(line => line.replace(/^.*? \[(\w+)\] \S+ \*\d+ /, '$1: ').replace(/, client: .*/, ''))
    .sort()
}
