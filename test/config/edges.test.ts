// docs/edges.md is held to the table of edges.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCidrs } from '../../src/config/cidrs.ts'
import { answerWithin, EDGES, type EdgePreset } from '../../src/config/edges.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/edges.md'), 'utf8')
const presets: [string, EdgePreset][] = Object.entries(EDGES)

for (const [name, preset] of presets.filter(([name]) => name !== 'none')) {
  test(`docs/edges.md says what --edge ${name} does`, () => {
    const row = page.split('\n').find(line => line.startsWith(`| \`${name}\` |`))
    assert.ok(row !== undefined, `no row for ${name}`)
    const [, , givesUp, answered, drain, , client, request] = row.split('|').map(cell => cell.trim())
    const limit = preset.givesUpAfter!
    assert.equal(givesUp, `${limit / 1000} s`)
    assert.equal(answered, `${answerWithin(limit) / 1000} s`)
    assert.equal(drain, (preset.options['drain-timeout']?.[0] ?? '25s').replace('s', ' s'))
    assert.equal(request, preset.idFields[0] === undefined ? '–' : request)
    assert.equal(request?.replaceAll('`', '').toLowerCase(), preset.idFields[0] ?? '–')
    if (preset.clientField !== null)
      assert.equal(client?.replaceAll('`', '').toLowerCase(), preset.clientField)
    assert.ok(page.includes(preset.source), `${preset.source} is not linked`)
  })
}

for (const [name, preset] of presets) {
  test(`the ranges of --edge ${name} can be read, and count where none are given`, () => {
    const ranges = (preset.options['trusted-proxies'] ?? ['loopback', 'cloudflare']).flatMap(text => {
      const read = readCidrs(text)
      assert.ok('value' in read, `${text}: ${'allowed' in read ? read.allowed : ''}`)
      return [...read.value]
    })
    const resolved = resolveConfig({ flags: { upstream: ':8000', edge: name }, env: {} })
    assert.ok('config' in resolved, JSON.stringify(resolved))
    assert.deepEqual(resolved.config.trustedProxies, [...new Set(ranges)])
  })
}
