// Most of what commands do is held against nginx in test/nginx/configurations/ssi.conf; here is what that cannot show.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Deed, obey } from '../../../src/response/ssi/commands.ts'
import { LONGEST_TEXT, MOST_NAMES, PageState } from '../../../src/response/ssi/page-state.ts'
import { TagReader } from '../../../src/response/ssi/tag-reader.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

function page(t: TestContext, target = '/folder/page.html?a=b') {
  const state = new PageState(visitOf(factsOf(siteOf(t, 'server { location / { } }')), { target }))
  const problems: string[] = []
  const run = (command: string): Deed => {
    const reader = new TagReader(256)
    reader.add(`<!--#${command} -->`)
    const found = reader.next()
    assert.ok(found?.kind === 'command', JSON.stringify(found))
    return obey(state, found, problem => void problems.push(problem))
  }
  return { state, problems, run }
}

const include = (uri: string, args = '') => ({ kind: 'include', uri, args, set: null, stub: null })

test('what is included is named from the page’s own folder, and stays within the site', t => {
  const { run, problems } = page(t)
  assert.deepEqual(run('include virtual="other.html"'), include('/folder/other.html'))
  assert.deepEqual(run('include file="/a%20b.html?c=$arg_a"'), include('/a b.html', 'c=b'))
  for (const uri of ['/../secret', '../secret', '/%2e%2e/secret', '/a%00'])
    assert.deepEqual(run(`include virtual="${uri}"`), { kind: 'failed' }, uri)
  assert.equal(problems.length, 4)
})

test('values are escaped for the page unless it asks otherwise', t => {
  const { run, state } = page(t)
  state.set('x', '<a href="&">')
  const echo = (more = '') => run(`echo var="x"${more}`)
  assert.deepEqual(echo(), { kind: 'text', text: '&lt;a href=&quot;&amp;&quot;&gt;' })
  assert.deepEqual(echo(' encoding="none"'), { kind: 'text', text: '<a href="&">' })
  assert.deepEqual(run('echo var="constructor"'), { kind: 'text', text: '(none)' })
})

test('commands have no names but their own', t => {
  const { run, problems } = page(t)
  for (const name of ['exec', 'constructor', '__proto__', 'toString'])
    assert.deepEqual(run(name), { kind: 'failed' }, name)
  assert.deepEqual(problems.at(0), 'invalid SSI command: "exec"')
})

test('there are no more variables, and none is longer, than may be', t => {
  const { run, state } = page(t)
  for (let i = 0; i < MOST_NAMES; i++) assert.equal(run(`set var="v${i}" value="x"`).kind, 'text')
  assert.equal(run('set var="more" value="x"').kind, 'failed')
  assert.equal(run('set var="v0" value="again"').kind, 'text')
  assert.equal(state.variable('V0'), 'again')
  // Each doubles the one before.
  let kind = run('set var="v0" value="0123456789abcdef"').kind
  for (let i = 0; i < 16 && kind === 'text'; i++) kind = run('set var="v0" value="$v0$v0"').kind
  assert.equal(kind, 'failed')
  assert.equal(state.variable('v0')!.length, LONGEST_TEXT)
})

test('a block is written down as it stands, and no longer than may be', t => {
  const { run, state } = page(t)
  run('block name="b"')
  assert.equal(state.output, false)
  assert.equal(state.addToBlock('text '), true)
  run('echo var="uri"')
  assert.equal(state.shared.blocks.get('b'), 'text <!--#echo var="uri" -->')
  assert.equal(state.addToBlock('x'.repeat(LONGEST_TEXT)), false)
  run('endblock')
  assert.equal(state.output, true)
  assert.equal(run('include virtual="/x" stub="none"').kind, 'failed')
  assert.deepEqual(run('include virtual="/x" stub="b"'), { ...include('/x'), stub: 'b' })
})

test('what a page includes shares its variables, and has branches of its own', t => {
  const { run, state } = page(t)
  run('set var="x" value="outer"')
  run('if expr=""')
  const inner = new PageState(Object.assign(visitOf(state.visit.site), { parent: state.visit }))
  assert.equal(inner.variable('x'), 'outer')
  assert.deepEqual([state.output, inner.output], [false, true])
})
