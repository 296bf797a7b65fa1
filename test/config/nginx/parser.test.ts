import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseFile } from '../../../src/config/nginx/parser.ts'
import type { DirectiveNode } from '../../../src/config/nginx/tree.ts'
import { temporaryFolder } from '../../support/owner.ts'

/** A folder with these files. */
function folderOf(t: TestContext, files: Record<string, string>): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text, 'latin1')
  }
  return folder
}

const parse = (folder: string) => parseFile(join(folder, 'main.conf'), folder)

/** Names and words, without the places. */
const plain = ({ name, args, block }: DirectiveNode): unknown[] =>
  block === null ? [name, ...args] : [name, ...args, block.map(plain)]

function problemsOf(folder: string): string[] {
  return parse(folder).problems.map(({ message, at }) =>
    `${message} in ${at.file}:${at.line}`.replaceAll(`${folder}/`, ''),
  )
}

function problemOf(folder: string): string {
  return problemsOf(folder)[0] ?? 'no problem'
}

test('a tree of directives, each with its place', t => {
  const folder = folderOf(t, { 'main.conf': 'a 1;\nb {\n  c 2 3;\n  d {}\n}\n' })
  const { nodes } = parse(folder)
  assert.deepEqual(nodes.map(plain), [
    ['a', '1'],
    [
      'b',
      [
        ['c', '2', '3'],
        ['d', []],
      ],
    ],
  ])
  assert.deepEqual(nodes[1]!.block![0]!.at, { file: join(folder, 'main.conf'), line: 3 })
})

test('what a file includes stands in the line’s place, at any depth, with its own places', t => {
  const folder = folderOf(t, {
    'main.conf': 'a;\nb { include sub/one.conf; z; }\n',
    'sub/one.conf': '\nc;\ninclude sub/two.conf;\n',
    'sub/two.conf': 'd;\n',
  })
  const { nodes, files } = parse(folder)
  assert.deepEqual(nodes.map(plain), [['a'], ['b', [['c'], ['d'], ['z']]]])
  assert.deepEqual(nodes[1]!.block![0]!.at, { file: join(folder, 'sub/one.conf'), line: 2 })
  assert.deepEqual(
    files.map(({ path }) => path),
    ['main.conf', 'sub/one.conf', 'sub/two.conf'].map(name => join(folder, name)),
  )
})

test('a pattern includes what it matches, in the order of the names; nothing is no problem', t => {
  const folder = folderOf(t, {
    'main.conf': 'include on/*.conf; include none/*; include on/[!a].txt;',
    'on/b.conf': 'b;',
    'on/a.conf': 'a;',
    'on/10.conf': 'ten;',
    'on/c.txt': 'c;',
  })
  assert.deepEqual(parse(folder).nodes.map(plain), [['ten'], ['a'], ['b'], ['c']])
})

test('a program of Lua is no directive, whatever stands in it', t => {
  const folder = folderOf(t, {
    'main.conf': `a { content_by_lua_block {
  local t = { b = "}", c = '}' } -- }
  --[[ } ]] local s = [==[ } ]] ]==] if x then ngx.say("\\"}") end
} c; }
d;
`,
  })
  const { nodes } = parse(folder)
  assert.deepEqual(nodes.map(plain), [['a', [['content_by_lua_block', []], ['c']]], ['d']])
  assert.equal(nodes[1]!.at.line, 5)
  assert.equal(
    problemOf(folderOf(t, { 'main.conf': 'a_by_lua_block {\n "}" {\n }\n' })),
    'unexpected end of file, expecting "}" in main.conf:1',
  )
})

test('what packages bring is there even where the file is not', t => {
  const folder = folderOf(t, {
    'main.conf':
      'location / { include proxy_params; include uwsgi_params; include /etc/none/fastcgi_params; }',
  })
  const [location] = parse(folder).nodes
  const [host, ...more] = location!.block!
  assert.deepEqual(plain(host!), ['proxy_set_header', 'Host', '$http_host'])
  assert.deepEqual(
    more.flatMap(({ name, args }) => (name === 'proxy_set_header' ? [args[0]] : [])),
    ['X-Real-IP', 'X-Forwarded-For', 'X-Forwarded-Proto'],
  )
  const names = new Set(more.map(({ name }) => name))
  assert.deepEqual([...names], ['proxy_set_header', 'uwsgi_param', 'fastcgi_param'])
  const own = folderOf(t, { 'main.conf': 'include proxy_params;', proxy_params: 'own;' })
  assert.deepEqual(parse(own).nodes.map(plain), [['own']])
})

test('a file of a folder of sites includes from where nginx.conf is', t => {
  for (const name of ['conf.d', 'sites-enabled', 'sites-available']) {
    const folder = folderOf(t, {
      [`${name}/main.conf`]:
        'include snippets/a.c*f; include b.conf; include proxy_params; include none/*; include c*;',
      'snippets/a.conf': 'a;',
      'b.conf': 'above;',
      [`${name}/b.conf`]: 'b;',
      proxy_params: 'own;',
      'c.conf': 'c;',
    })
    assert.deepEqual(parse(join(folder, name)).nodes.map(plain), [['a'], ['b'], ['own']])
  }
  const other = folderOf(t, { 'sites/main.conf': 'include a.conf;', 'a.conf': 'a;' })
  assert.match(problemOf(join(other, 'sites')), /^open\(\) "a\.conf" failed/)
})

test('mime.types is there even where the file is not', t => {
  const folder = folderOf(t, {
    'main.conf': 'http {\n include mime.types;\n include /etc/none/mime.types;\n}',
  })
  const [http] = parse(folder).nodes
  assert.deepEqual(
    http!.block!.map(({ name, block }) => [name, block!.length > 50]),
    [
      ['types', true],
      ['types', true],
    ],
  )
})

test('problems say the file and the line, also in what is included', t => {
  const broken = (text: string, more: Record<string, string> = {}) =>
    problemOf(folderOf(t, { 'main.conf': text, ...more }))
  assert.equal(broken('a {\n b;\n'), 'unexpected end of file, expecting "}" in main.conf:3')
  assert.equal(broken('a;\n}\n'), 'unexpected "}" in main.conf:2')
  assert.equal(
    broken('\ninclude none.conf;'),
    'open() "none.conf" failed (2: No such file or directory) in main.conf:2',
  )
  assert.equal(
    broken('a { include in.conf; }', { 'in.conf': 'b;\nc' }),
    'unexpected end of file, expecting ";" or "}" in in.conf:2',
  )
  for (const text of ['include;', 'include a b;'])
    assert.equal(broken(text), 'invalid number of arguments in "include" directive in main.conf:1')
  // A brace does not reach over the end of a file.
  assert.equal(broken('a { include in.conf;', { 'in.conf': '}' }), 'unexpected "}" in in.conf:1')
  assert.match(broken('include main.conf;'), /^"main.conf" is included from itself/)
})

test('what cannot be read hides nothing of the rest', t => {
  const folder = folderOf(t, {
    'main.conf': 'a;\ninclude none.conf;\nb { include cut.conf;\n c; }\nd { e; f {\n g;',
    'cut.conf': 'x;\ny {',
  })
  assert.deepEqual(problemsOf(folder), [
    'open() "none.conf" failed (2: No such file or directory) in main.conf:2',
    'unexpected end of file, expecting "}" in cut.conf:2',
    'unexpected end of file, expecting "}" in main.conf:6',
  ])
  assert.deepEqual(parse(folder).nodes.map(plain), [
    ['a'],
    ['b', [['x'], ['y', []], ['c']]],
    ['d', [['e'], ['f', [['g']]]]],
  ])
})

test('files that include one another for ever are told of once', t => {
  const folder = folderOf(t, { 'main.conf': 'a; include main.conf; include main.conf;' })
  const [problem, ...more] = problemsOf(folder)
  assert.match(problem!, /is included from itself/)
  assert.deepEqual(more, [])
})

test('a pattern is one of glob(3), and no more than that', t => {
  const folder = folderOf(t, {
    'a.conf': 'a;',
    'b.conf': 'b;',
    '.hidden.conf': 'hidden;',
    'é.txt': 'accent;',
    'deep/er/c.conf': 'c;',
    'deep/d.conf': 'd;',
    '{a,b}1.conf': 'braces;',
    '@(a|b)1.conf': 'group;',
    'main.conf': '',
  })
  const found = (pattern: string) => {
    writeFileSync(join(folder, 'main.conf'), `include "${pattern}";`)
    return parse(folder)
      .nodes.map(({ name }) => name)
      .join(' ')
  }
  assert.equal(found('?.conf'), 'a b')
  assert.equal(found('[!a].conf'), 'b')
  assert.equal(found('[({b].conf'), 'b')
  assert.equal(found('{a,b}*.conf'), 'braces')
  assert.equal(found('@(a|b)*.conf'), 'group')
  assert.equal(found('deep/**/*.conf'), 'c')
  assert.equal(found('deep/**'), 'd')
  assert.equal(found('.h*'), 'hidden')
  assert.equal(found('é.txt'), 'accent')
  assert.equal(found('?.txt'), 'accent')
})

test('directives of the command line have neither blocks nor an end of a file', t => {
  const given = (text: string) =>
    parseFile('command line', temporaryFolder(t), text).problems.map(({ message }) => message)
  assert.deepEqual(given('user a'), ['unexpected end of parameter, expecting ";"'])
  assert.deepEqual(given('user "a'), [
    'unexpected end of parameter, expecting ";"; the quote that opens in line 1 is not closed',
  ])
  assert.deepEqual(given('http { }'), ['block directives are not supported in -g option'])
})
