import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { without } from '../support/servers.ts'
import { pairOf, same } from './rig.ts'

const skip = without('nginx')

test('names without variables', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location /file/ { try_files /nope.html /dir/b.txt =404; }
     location /folder/ { try_files /nope.html /dir/ =404; }
     location /no-folder/ { try_files /dir /dir/b.txt/ =404; }
     location /status/ { try_files /nope.html =403; }
     location /closed/ { try_files /nope.html =444; }
     location /named/ { try_files /nope.html @named; }
     location @named { try_files /dir/b.txt =404; }
     location /uri/ { try_files /nope.html /dir/b.txt?x=y; }
     location /folder-uri/ { try_files /nope.html /dir/; }
     location /redirect/ { try_files /nope.html /dir?a=b; }
     location /alias/ { alias FOLDER/html/dir/; try_files nope b.txt =404; }
     location ~ ^/regex/ { alias FOLDER/html/dir/; try_files nope b.txt =404; }
     location ~ ^/regex-folder/ { alias FOLDER/html/; try_files nope dir/ =404; }
     location /nested/ { try_files /nope =403; location /nested/in/ { } }
     location /cycle/ { try_files /nope /cycle/; }
     location / { }
     try_files /dir/b.txt =404;`,
  )
  mkdirSync(`${pair.html}/dir`)
  for (const name of ['dir/index.html', 'dir/b.txt']) writeFileSync(`${pair.html}/${name}`, name)
  const places =
    'file folder no-folder status closed named uri folder-uri redirect alias regex regex-folder nested nested/in cycle'
  for (const place of places.split(' '))
    for (const rest of ['', 'x', 'x/', 'b.txt', '?q=1'])
      for (const method of ['GET', 'POST']) await same(pair, `/${place}/${rest}`, { method })
})

test('a server’s try_files is for what no location takes', { skip }, async t => {
  const pair = await pairOf(t, 'location /in/ { } try_files /a.html =403;')
  writeFileSync(`${pair.html}/a.html`, 'this')
  for (const target of ['/', '/x', '/in/', '/in/x']) await same(pair, target)
})

test('names with variables, also below an alias', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { try_files $uri $uri/ $uri.html =404; }
     location /app/ { try_files $uri @app; }
     location @app { try_files /dir/b.txt =404; }
     location /query/ { try_files $uri /dir/b.txt?$args; }
     location /arg/ { try_files /dir/$arg_name =404; }
     location /last/ { try_files nope /dir/$arg_name; }
     location /al/ { alias FOLDER/html/dir/; try_files $uri $uri/ /fallback =404; }
     location /al2/ { alias FOLDER/html/dir/; try_files $uri /al/$arg_name; }
     location /bare { alias FOLDER/html/dir; try_files $uri $uri/ =404; }
     location ~ ^/re/(.*)$ { alias FOLDER/html/dir/; try_files $1 $1.txt =404; }
     location ~ ^/re2/(.*)$ { alias FOLDER/html/dir/$1; try_files .txt '' =404; }
     location ~ ^/re3/(.*)$ { alias FOLDER/html/; try_files $1/ =404; }
     location /script/ { root FOLDER/html/$arg_root; try_files $uri /b.txt =404; }`,
  )
  mkdirSync(`${pair.html}/dir/sub`, { recursive: true })
  for (const name of ['dir/index.html', 'dir/b.txt', 'page.html', 'dir/sub/index.html'])
    writeFileSync(`${pair.html}/${name}`, name)
  const targets = [
    ...['/dir', '/dir/', '/page', '/page.html', '/nope', '/dir/b.txt', '/app/x', '/app/', '/query/x?a=b'],
    ...['/arg/?name=b.txt', '/arg/?name=nope', '/arg/?name=', '/last/?name=b.txt', '/last/?name=sub'],
    ...[
      '/al/',
      '/al/b.txt',
      '/al/sub',
      '/al/sub/',
      '/al/nope',
      '/al2/x?name=b.txt',
      '/bare',
      '/bare/',
      '/bare/b.txt',
    ],
    ...[
      '/re/b.txt',
      '/re/b',
      '/re/sub',
      '/re/',
      '/re2/b',
      '/re2/sub',
      '/re2/b.txt',
      '/re3/dir',
      '/re3/dir/',
      '/re3/x',
    ],
    ...['/script/?root=dir', '/script/?root=nope', '/script/'],
  ]
  for (const target of targets) await same(pair, target)
})
