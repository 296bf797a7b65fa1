// Holds the documents to the code: what they list is what there is. A failure prints the row to put in.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FAILURES, type FailureKind } from '../src/errors.ts'
import { INCIDENT_FIELDS, LINES, REQUEST_FIELDS, TIMER_FIELDS } from '../src/observe/fields.ts'
import { SERIES } from '../src/observe/metrics.ts'
import { PROCESS_SERIES } from '../src/observe/process.ts'
import { CAUSES } from '../src/observe/sources.ts'
import { OUTCOMES } from '../src/observe/tally.ts'

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** The rows of the one table that has this head. */
function table(page: string, head: string): string[] {
  const lines = read(page).split('\n')
  const at = lines.indexOf(head)
  assert.notEqual(at, -1, `${page} has a table with the head ${head}`)
  const rows = lines.slice(at + 2)
  const end = rows.findIndex(line => !line.startsWith('|'))
  return end === -1 ? rows : rows.slice(0, end)
}

test('docs/errors.md has each failure, as the table of failures has it', () => {
  const row = ([code, kind]: [string, FailureKind]): string => {
    const reads = (kind.message === '' ? '–' : kind.message) + (kind.retryLater ? ' (`Retry-After`)' : '')
    return `| \`${code}\` | ${kind.status === 0 ? 'none' : kind.status} | ${kind.who} | ${reads} | ${kind.hint} |`
  }
  const rows = table('docs/errors.md', '| failure | status | who | the client reads | what to look at |')
  assert.deepEqual(rows, Object.entries(FAILURES).map(row))
})

test('docs/logs.md has each field of a request’s line, in order', () => {
  assert.deepEqual(
    table('docs/logs.md', '| field | what it is | left out when |'),
    REQUEST_FIELDS.map(field => `| \`${field.name}\` | ${field.text} | ${field.absent ?? ''} |`),
  )
  assert.deepEqual(
    table('docs/logs.md', '| field | time |'),
    TIMER_FIELDS.map(field => `| \`${field.name}\` | ${field.text} |`),
  )
})

test('docs/logs.md has each other line', () => {
  const row = ({ msg, level, text, fields }: (typeof LINES)[number]): string =>
    `| \`${msg}\` | ${level} | ${text} | ${fields.map(name => `\`${name}\``).join(' ')} |`
  assert.deepEqual(
    table('docs/logs.md', '| msg | level | when | fields besides `time` and `level` |'),
    LINES.map(row),
  )
})

test('the example lines of docs/logs.md have fields that there are, in their order', () => {
  const examples = read('docs/logs.md')
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown> & { timers?: object })
  assert.deepEqual(
    new Set(examples.map(line => line.msg)),
    new Set(['request', 'still running', 'upstream down', 'upstream up', 'worker lost']),
  )
  for (const { level: _level, time: _time, msg, ...fields } of examples) {
    if (msg === 'request') {
      const known = REQUEST_FIELDS.map(field => field.name).filter(name => name in fields)
      assert.deepEqual(Object.keys(fields), known)
      assert.deepEqual(
        Object.keys(fields.timers!),
        TIMER_FIELDS.map(field => field.name),
      )
    } else {
      const line = LINES.find(each => each.msg === msg)!
      assert.deepEqual(
        Object.keys(fields),
        line.fields.filter(name => name in fields),
        String(msg),
      )
    }
    if (msg === 'worker lost') assert.deepEqual(Object.keys(fields), [...INCIDENT_FIELDS])
  }
})

test('docs/logs.md explains each word of an outcome, and each cause', () => {
  const first = (rows: string[]) => rows.map(row => /^\| `(\w+)` /.exec(row)?.[1])
  const [whos, phases] = [0, 1].map(part => [
    ...new Set(OUTCOMES.slice(1).map(outcome => outcome.split(':')[part])),
  ])
  assert.deepEqual(first(table('docs/logs.md', '| who | |')), whos)
  assert.deepEqual(first(table('docs/logs.md', '| phase | | `client:` | `upstream:` | `timeout:` |')), phases)
  assert.deepEqual(first(table('docs/logs.md', '| cause | seen from | means |')), [...CAUSES])
})

test('docs/logs.md has each metric', () => {
  const row = ({ name, labels, type, help }: (typeof SERIES)[number]): string =>
    `| \`${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`}\` | ${type} | ${help} |`
  assert.deepEqual(table('docs/logs.md', '| metric | type | what it says |'), SERIES.map(row))
  for (const { name } of PROCESS_SERIES) assert.ok(read('docs/logs.md').includes(`\`${name}\``), name)
})

test('no document names a metric that does not exist', () => {
  const exist = new Set(
    SERIES.flatMap(({ name, type }) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
  const pages = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' }).map(
    name => `docs/${name}`,
  )
  let named = 0
  for (const page of [...pages, 'README.md', 'CHANGELOG.md']) {
    if (!page.endsWith('.md') || !existsSync(new URL(page, root))) continue
    for (const [name] of read(page).matchAll(/\bshieldproxy_[a-z_]+[a-z]/g)) {
      named++
      assert.ok(exist.has(name), `${page} names ${name}`)
    }
  }
  assert.ok(named >= SERIES.length, `${named} metrics are named`)
})
