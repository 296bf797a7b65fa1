// Holds the sources to the plan of the house: imports go down only, rooms do not know each other, each dependency
// has one place, and a file is one noun. The floors are those of docs/architecture.md.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** From the lowest floor to the highest; a file of `src` that stands nowhere here belongs to the house. */
const FLOORS: readonly { readonly floor: string; readonly places: readonly string[] }[] = [
  {
    floor: 'ground',
    places: [
      'http1',
      'gateway',
      'spool',
      'kernel',
      'config',
      'exchange.ts',
      'phases.ts',
      'errors.ts',
      'clock.ts',
      'afterwards.ts',
      'roster.ts',
      'socket',
      'version.ts',
      'package-files.ts',
      'route-names.ts',
      'worker-timeout.ts',
      'vitals.ts',
      'node-http.ts',
    ],
  },
  {
    floor: 'landing',
    places: [
      'visit.ts',
      'outcome.ts',
      'fetcher.ts',
      'slice.ts',
      'script',
      'disk',
      'tls',
      'accepts-gzip.ts',
      'html-escape.ts',
      'json-escape.ts',
      'memory-lock.ts',
    ],
  },
  {
    floor: 'room',
    places: [
      'listen',
      'route',
      'rewrite',
      'access',
      'files',
      'cache',
      'admit',
      'request',
      'upstream',
      'response',
      'observe',
      'admin',
      'supervise',
    ],
  },
  {
    floor: 'corridor',
    places: [
      'pipeline.ts',
      'attempt',
      'ending.ts',
      'health-check-answer.ts',
      'flag-rules.ts',
      'passing.ts',
      'answer-deadline.ts',
      'house.ts',
      'site',
    ],
  },
  { floor: 'house', places: [] },
  { floor: 'door', places: ['cli', 'bin'] },
]

/** On these floors a place does not import another place of its own floor. */
const APART = new Set(['ground', 'room'])

/** What all of the ground may use: the record and the table that everybody speaks in. */
const COMMON = new Set([
  'exchange.ts',
  'phases.ts',
  'errors.ts',
  'clock.ts',
  'afterwards.ts',
  'roster.ts',
  'socket',
  'version.ts',
  'package-files.ts',
  'route-names.ts',
  'worker-timeout.ts',
  'node-http.ts',
])

/** Neighbours that may be known, and why. */
const NEIGHBOURS = new Set([
  // The admin listener shows what the observer knows; it stands beside the data plane's rooms.
  'admin observe',
  // An answer of CGI's has fields as HTTP's have, and no other reader of them is wanted.
  'gateway http1',
])

/** Where a dependency may be used. Its types cost nothing and couple little: they may be named elsewhere. */
const DEPENDENCIES: Readonly<Record<string, RegExp>> = {
  'http-proxy-3': /^src\/upstream\/upgrade-lane\.ts$/,
  undici: /^src\/(?:upstream\/probe|cli\/commands\/admin-client)\.ts$/,
  pino: /^src\/observe\//,
  'pino-pretty': /^src\/observe\//,
  'prom-client': /^src\/observe\//,
  uplot: /^src\/admin\//,
  yargs: /^src\/cli\//,
}

/** The same of what only builds need. */
const TOOLS: Readonly<Record<string, RegExp>> = {
  esbuild: /^bin\/build\.ts$/,
}

const MOST_LINES = 250
/** With a reason, at most. */
const MOST_OF_ALL = 300
/** Files that are longer, and why. */
const LONG: Readonly<Record<string, string>> = {
  'src/spool/spool.ts': 'each request runs through it, and is not to get one more object',
  'src/listen/edge-connection.ts': 'the same',
  'src/attempt/joint.ts': 'the same',
  'src/upstream/worker-connection.ts': 'the same',
  'src/response/delivery.ts': 'the same',
  'src/admit/admission.ts': 'one queue over one state; policy, parking, tickets and failures are beside it',
  'src/admit/slot-finder.ts':
    'timing and kernel judge of the same four values: a wall between them would be all doors',
  'src/script/regex.ts':
    'one grammar over one cursor; escapes, numbers, options and quantifiers are beside it',
}

/** Tests of more than one file, or of none: they have no mirror in `src`. */
const NO_MIRROR =
  /^test\/(?:architecture|container|docs)\.test\.ts$|^test\/(?:conf|e2e|nginx|security|support|bench)\/|^test\/(?:config\/cases|admit\/policy-patterns|config\/nginx\/cases|http1\/against-node|cli\/(?:program|demo))\.test\.ts$/

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

function filesOf(folder: string): string[] {
  const all = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return all
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** Every module a text names: static imports, re-exports, dynamic imports, and what is loaded by `require`. */
function importsIn(from: string, text: string): Import[] {
  const found: Import[] = []
  for (const [, type, to] of text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]*?\sfrom\s+)?'([^']+)'/gm,
  )) {
    found.push({ from, to: to!, typeOnly: type !== undefined })
  }
  for (const [, type, to] of text.matchAll(/(typeof\s+)?\bimport\(\s*'([^']+)'\s*\)/g)) {
    found.push({ from, to: to!, typeOnly: type !== undefined })
  }
  for (const [, to] of text.matchAll(/require\w*\((?:import\.meta\.url\)\()?'([^']+)'\)/gi)) {
    found.push({ from, to: to!, typeOnly: false })
  }
  return found
}

/** The place a file stands in: the first part of its path below `src`, or `bin`. */
function placeOf(file: string): string {
  return file.startsWith('bin/') ? 'bin' : file.split('/')[1]!
}

function floorOf(place: string): number {
  const at = FLOORS.findIndex(({ places }) => places.includes(place))
  return at === -1 ? FLOORS.findIndex(({ floor }) => floor === 'house') : at
}

/** What is wrong with one file of ours importing another, or null. */
function objection(from: string, to: string): string | null {
  const [a, b] = [placeOf(from), placeOf(to)]
  if (a === b) return null
  const [lower, upper] = [floorOf(b), floorOf(a)]
  if (lower > upper) return `${from} imports ${to}, which is a floor higher (${FLOORS[lower]!.floor})`
  if (lower < upper || !APART.has(FLOORS[upper]!.floor)) return null
  if (COMMON.has(b) && FLOORS[upper]!.floor === 'ground') return null
  return NEIGHBOURS.has(`${a} ${b}`) ? null : `${from} imports ${to}, which is another place on its floor`
}

const sources = [...filesOf('src'), ...filesOf('bin')]
const imports = sources.flatMap(file => importsIn(file, textOf(file)))

test('the reader of imports sees every way to name a module', () => {
  const text = [
    "import a from 'one'",
    "import type { B } from 'two'",
    'import {',
    '  type C,',
    '  d,',
    "} from 'three'",
    "export { e } from 'four'",
    "import 'five'",
    "const f = await import('six')",
    "const g = createRequire(import.meta.url)('seven') as typeof import('eight')",
  ].join('\n')
  const seen = importsIn('x', text).map(({ to, typeOnly }) => `${to}${typeOnly ? ' (type)' : ''}`)
  assert.deepEqual(seen.sort(), [
    'eight (type)',
    'five',
    'four',
    'one',
    'seven',
    'six',
    'three',
    'two (type)',
  ])
  assert.ok(imports.length > 200, `only ${imports.length} imports were found in all sources`)
})

test('the rules object to what they forbid', () => {
  assert.match(objection('src/http1/a.ts', 'src/listen/b.ts') ?? '', /a floor higher \(room\)/)
  assert.match(objection('src/listen/a.ts', 'src/upstream/b.ts') ?? '', /another place on its floor/)
  assert.match(objection('src/http1/a.ts', 'src/config/b.ts') ?? '', /another place on its floor/)
  assert.match(objection('src/pipeline.ts', 'src/new-part.ts') ?? '', /a floor higher \(house\)/)
  assert.equal(objection('src/spool/a.ts', 'src/errors.ts'), null)
  assert.equal(objection('src/pipeline.ts', 'src/listen/b.ts'), null)
})

test('imports go down only, and rooms do not know each other', () => {
  const wrong: string[] = []
  for (const { from, to } of imports) {
    if (!to.startsWith('.')) continue
    const target = posix.normalize(posix.join(posix.dirname(from), to))
    // What the browser loads under another name has its types beside it.
    const there = existsSync(join(root, target)) || existsSync(join(root, target.replace(/\.js$/, '.d.ts')))
    assert.ok(there, `${from} imports ${to}, which is not there`)
    const found = target.startsWith('src/') || target.startsWith('bin/') ? objection(from, target) : null
    if (found !== null) wrong.push(found)
  }
  assert.deepEqual(wrong, [])
})

test('each dependency has its one place, and is declared', () => {
  const declared = JSON.parse(textOf('package.json')).dependencies as Record<string, string>
  assert.deepEqual(Object.keys(declared).sort(), Object.keys(DEPENDENCIES).sort())
  const wrong: string[] = []
  for (const { from, to, typeOnly } of imports) {
    if (to.startsWith('.') || to.startsWith('node:') || to.startsWith('data:')) continue
    const name = to.startsWith('@') ? to.split('/', 2).join('/') : to.split('/')[0]!
    const place = DEPENDENCIES[name] ?? TOOLS[name]
    if (place === undefined) wrong.push(`${from} imports ${to}, which is no dependency`)
    else if (!typeOnly && !place.test(from)) wrong.push(`${from} imports ${to} outside ${place.source}`)
  }
  assert.deepEqual(wrong, [])
})

test('node:http and node:tls are loaded as src/node-http.ts says, and not by an import', () => {
  const costly = new Set(['node:http', 'node:https', 'node:tls'])
  const wrong = imports.filter(({ to, typeOnly }) => costly.has(to) && !typeOnly)
  assert.deepEqual(
    wrong,
    [],
    'such an import costs the start tens of milliseconds; its types alone cost nothing',
  )
})

test('each file opens with a comment that says what it owns', () => {
  const silent = sources.filter(file => !/^(?:#![^\n]*\n)?\/\/ \S/.test(textOf(file)))
  assert.deepEqual(silent, [])
})

test('each file is short enough to be read at once', () => {
  const long = sources
    .map(file => ({ file, lines: textOf(file).split('\n').length - 1 }))
    .filter(({ file, lines }) => lines > (LONG[file] === undefined ? MOST_LINES : MOST_OF_ALL))
  assert.deepEqual(long, [])
  const gone = Object.keys(LONG).filter(file => !existsSync(join(root, file)))
  assert.deepEqual(gone, [], 'exceptions for files that are not there')
})

test('no file is named after what it is not', () => {
  const vague = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|lib)(?:\.|\/)/
  assert.deepEqual(
    [...sources, ...filesOf('test')].filter(file => vague.test(file)),
    [],
  )
})

test('tests mirror the sources', () => {
  const astray: string[] = []
  for (const file of filesOf('test')) {
    if (!file.endsWith('.test.ts') || NO_MIRROR.test(file)) continue
    const below = file.slice('test/'.length, -'.test.ts'.length)
    const mirrored = below.startsWith('bin/') ? `${below}.ts` : `src/${below}.ts`
    if (!existsSync(join(root, mirrored))) astray.push(`${file}: there is no ${mirrored}`)
  }
  assert.deepEqual(astray, [])
})
