import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { without } from '../support/servers.ts'
import { type Pair, pairOf, same } from './rig.ts'

const skip = without('nginx')

const NAMES = [
  ...[
    'a&b".txt',
    'colon:x',
    '\xc3\xbcn\xc3\xafc\xc3\xb6d\xc3\xa9.txt',
    'q?#%+ .txt',
    'n\nl\t\x01\\"\x7f',
    '.hidden',
  ],
  ...['a'.repeat(50), 'b'.repeat(51), '\xc3\xbc'.repeat(50), '\xc3\xbc'.repeat(51), '\xc3\xbc'.repeat(40)],
  ...[
    '<'.repeat(60),
    '&'.repeat(20),
    `${'<'.repeat(20)}${'\xe2\x82\xac'.repeat(40)}`,
    '\xff\xfeA',
    '\xed\xa0\x80x',
  ],
]
const SIZES = [0, 9_999, 10_000, 10_751, 10_752, 1_048_575, 1_048_576, 1_572_863, 1_572_864, 1_610_612_736]

function fill({ html }: Pair): void {
  const at = (name: string) => Buffer.from(`${html}/list/${name}`, 'latin1')
  mkdirSync(at(''))
  for (const name of ['sub<dir>', 'd'.repeat(49), 'd'.repeat(50), 'd'.repeat(51)]) mkdirSync(at(name))
  for (const name of NAMES) writeFileSync(at(name), 'x')
  for (const size of SIZES) {
    writeFileSync(at(`size ${size}`), '')
    truncateSync(at(`size ${size}`).toString('latin1'), size)
  }
  symlinkSync('nowhere', at('loose'))
  symlinkSync('loop', at('loop'))
  symlinkSync('sub<dir>', at('link to a folder'))
  symlinkSync('colon:x', at('link to a file'))
  execFileSync('mkfifo', [`${html}/list/fifo`])
  utimesSync(at('colon:x'), 0, 0)
}

test('a folder is listed as nginx lists it, in every format', { skip }, async t => {
  const places = [
    ...['json', 'xml', 'jsonp', 'html'].map(format => `autoindex_format ${format};`),
    'autoindex_exact_size off;',
    'autoindex_localtime on;',
    'charset utf-8;',
    'charset UTF-8; autoindex_exact_size off;',
  ]
  const pair = await pairOf(
    t,
    `location /off/ { alias FOLDER/html/; }
     ${places.map((rule, at) => `location /${at}/ { autoindex on; ${rule} alias FOLDER/html/; }`).join('\n')}`,
  )
  fill(pair)
  for (const at of places.keys()) {
    await same(pair, `/${at}/list/`)
    await same(pair, `/${at}/list/`, { method: 'HEAD' })
    await same(pair, `/${at}/list/`, { method: 'POST' })
    await same(pair, `/${at}/list/sub%3Cdir%3E/`)
    await same(pair, `/${at}/nope/`)
    await same(pair, `/${at}/list/colon:x/`)
  }
  await same(pair, '/off/list/')
})

test('JSONP takes a callback that is a name, and nothing else', { skip }, async t => {
  const pair = await pairOf(t, 'location / { autoindex on; autoindex_format jsonp; }')
  mkdirSync(`${pair.html}/list`)
  writeFileSync(`${pair.html}/list/a`, '')
  const queries = [
    ...['callback=foo.bar_1', 'callback=a-b', 'x=1&CALLBACK=zz&y', 'callback=', 'xcallback=a', 'callback'],
    ...['callback=alert(1)', 'callback=%41', `callback=${'x'.repeat(128)}`, `callback=${'x'.repeat(129)}`],
  ]
  for (const query of queries) await same(pair, `/list/?${query}`)
})
