import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../../../src/config/nginx/settings.ts'
import { readText, siteOf } from '../read-text.ts'

function settingsOf(server: string): Settings[] {
  const { settings, locations } = siteOf(`http { server { ${server} } }`).servers[0]!
  return [settings, ...locations.map(location => location.settings)]
}

function problem(server: string): string | undefined {
  return readText(`http {\nserver {\n${server}\n}\n}`).remarks.find(each => each.startsWith('emerg'))
}

test('root and alias are one setting, inherited together', () => {
  const [server, plain, alias, regex] = settingsOf(`root /data/;
    location / { }
    location /al/ { alias /other/; location /al/in/ { } }
    location ~ x { alias /third; }`)
  assert.deepEqual([server!.root.path.text, server!.root.replaces], ['/data', 0])
  assert.deepEqual(plain!.root, server!.root)
  assert.deepEqual([alias!.root.path.text, alias!.root.replaces], ['/other/', 4])
  assert.deepEqual([regex!.root.path.text, regex!.root.replaces], ['/third', 'all'])
  const nested = siteOf('http { server { location /al/ { alias /o/; location /al/in/ { } } } }').servers[0]!
  assert.deepEqual(nested.locations[0]!.locations[0]!.settings.root, nested.locations[0]!.settings.root)
})

test('root and alias are refused where nginx refuses them', () => {
  assert.equal(
    problem('location / { root /a; alias /b; }'),
    'emerg: "alias" directive is duplicate, "root" directive was specified earlier :3',
  )
  assert.equal(
    problem('location @x { alias /b; }'),
    'emerg: the "alias" directive cannot be used inside the named location :3',
  )
  for (const variable of ['$document_root', '$realpath_root'])
    assert.match(problem(`root ${variable}/x;`)!, /variable cannot be used in the "root" directive/)
  assert.equal(problem('alias /b;'), 'emerg: "alias" directive is not allowed here :3')
})

test('try_files keeps to its own block, and comes into no "if" of it', () => {
  const { servers } = siteOf(`http { server {
    try_files $uri =404;
    location / { try_files $uri $uri/ @app; if ($args) { root /x; } location /in { } }
  } }`)
  const { settings, locations } = servers[0]!
  assert.equal(settings.tryFiles?.last, 404)
  const [location] = locations
  assert.deepEqual(
    location!.settings.tryFiles?.tries.map(({ path, folder }) => [path.text, folder]),
    [
      ['$uri', false],
      ['$uri', true],
    ],
  )
  assert.equal((location!.settings.tryFiles!.last as { text: string }).text, '@app')
  assert.equal(location!.locations[0]!.settings.tryFiles, null)
  const [condition] = location!.rewrites
  assert.ok(condition?.op === 'if')
  assert.deepEqual([condition.settings.tryFiles, condition.settings.root.path.text], [null, '/x'])
})

test('values that nginx does not take are refused in its words', () => {
  const expected = {
    'try_files $uri =x;': 'invalid code "=x"',
    'try_files $uri =1000;': 'invalid code "=1000"',
    'try_files $uri;': 'invalid number of arguments in "try_files" directive',
    'index a "" b;': 'index "" in "index" directive is invalid',
    'autoindex_format text;': 'invalid value "text" in "autoindex_format" directive',
    'gzip_static yes;': 'invalid value "yes" in "gzip_static" directive',
    'disable_symlinks maybe;': 'invalid parameter "maybe"',
    'disable_symlinks on off;': 'duplicate parameters "on off"',
    'disable_symlinks from=/x;': 'invalid value "from=/x" in "disable_symlinks" directive',
    'max_ranges many;': '"max_ranges" directive invalid number',
    'random_index on;': '"random_index" directive is not allowed here',
  }
  for (const [line, message] of Object.entries(expected))
    assert.ok(problem(line)?.startsWith(`emerg: ${message}`), `${line} ${problem(line)}`)
})

test('an absolute index that is not the last is warned of', () => {
  const { remarks } = readText('http {\nindex /a b;\n}')
  assert.deepEqual(remarks, ['warn: only the last index in "index" directive should be absolute :2'])
})

test('how nginx reads its files is accepted without effect', () => {
  const { site, remarks } = readText(`http {
    sendfile on; sendfile_max_chunk 1m; aio threads; directio 4m; read_ahead 0;
    open_file_cache max=1000 inactive=20s; open_file_cache_valid 30s; open_file_cache_errors on;
  }`)
  assert.notEqual(site, null)
  assert.ok(remarks.length > 0 && remarks.every(each => each.startsWith('notice: ')))
})
