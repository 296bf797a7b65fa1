// The alerts hold to what is published and documented, and raise what they should: checked with promtool where it is
// installed. The tests do not install it, as Debian's package would start a server.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SERIES } from '../../src/observe/metrics.ts'
import { CAUSES } from '../../src/observe/sources.ts'
import { findProgram, without } from '../support/servers.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const rules = 'conf/prometheus-rules.yaml'

/** The headings of docs/signals.md, as links name them. */
const anchors = new Set(
  [...read('docs/signals.md').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(' ', '-')
      .replaceAll(/[^\w-]/g, ''),
  ),
)

test('alerts ask for series and labels that there are', () => {
  const asked = [...read(rules).matchAll(/\b(shieldproxy_\w+)\{(\w+)="(\w+)"\}/g)]
  assert.equal(asked.length, read(rules).match(/\bshieldproxy_/g)?.length)
  for (const [text, name, label, value] of asked) {
    const series = SERIES.find(each => each.name === name)
    assert.ok(series?.labels.includes(label!), text)
    if (label === 'cause') assert.ok((CAUSES as readonly string[]).includes(value!), text)
  }
})

test('each alert links to its part of docs/signals.md, by an address that stands in one place', () => {
  const text = read(rules)
  const alerts = text.split(/^ {6}- alert: /m).slice(1)
  assert.ok(alerts.length >= 3)
  for (const alert of alerts) assert.match(alert, /runbook_url: (?:\*runbook|&runbook)/)
  assert.equal(text.match(/https:/g)?.length, 1)
  assert.match(text, /docs\/signals\.md#\{\{ \$labels\.cause \}\}$/m)
  for (const cause of CAUSES) assert.ok(anchors.has(cause), `docs/signals.md has no part on ${cause}`)
})

test('what the companion and docs/signals.md refer to is in docs/signals.md', () => {
  const named = [
    ...read('conf/gunicorn.conf.py').matchAll(/see #([\w-]+)/g),
    ...read('docs/signals.md').matchAll(/\]\(#([\w-]+)\)/g),
  ]
  assert.ok(named.length > 10)
  for (const [text, anchor] of named) assert.ok(anchors.has(anchor!), text)
})

test('alerts are right by promtool, and raise what they should', { skip: without('promtool') }, () => {
  const promtool = findProgram('promtool') as string
  for (const args of [
    ['check', 'rules', rules],
    ['test', 'rules', 'test/conf/prometheus-rules.yaml'],
  ]) {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  }
})
