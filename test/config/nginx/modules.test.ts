// Every directive that nginx documents is known here, where it may stand and with as many words; and no module claims
// what another has.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readNames } from '../../../src/config/nginx/catalogue/rows.ts'
import { MODULES, rowsOf } from '../../../src/config/nginx/modules.ts'
import type { Context, Row } from '../../../src/config/nginx/table.ts'
import { DOCUMENTED } from './documented-names.ts'

const documented = Object.entries(DOCUMENTED).flatMap(([places, names]) =>
  readNames(names).map(each => ({ ...each, places: places.split(', ') as Context[] })),
)

test('there are the names', () => assert.ok(documented.length > 600, `${documented.length}`))

test('each documented directive is known wherever it may stand', () => {
  const unknown = documented.flatMap(({ name, places }) =>
    places
      .filter(place => !rowsOf(name).some(row => row.in.includes(place)))
      .map(place => `${name} in ${place}`),
  )
  assert.deepEqual(unknown, [])
})

test('each takes as many words as nginx’s, and has braces where nginx’s has', () => {
  const wrong = documented.flatMap(({ name, args: [least, most], block, places }) => {
    const row = rowsOf(name).find(each => each.in.some(place => places.includes(place)))
    if (row === undefined || (row.state === 'refused' && !row.unlessOff)) return []
    const [from, to] = typeof row.args === 'number' ? [row.args, row.args] : row.args
    const wide = from <= least && to >= most
    return wide && (row.block ?? false) === block
      ? []
      : [`${name}: ${from} to ${to}, nginx: ${least} to ${most}`]
  })
  assert.deepEqual(wrong, [])
})

test('no directive is claimed twice for one place', () => {
  const claims = new Map<string, string>()
  const twice: string[] = []
  for (const module of MODULES) {
    for (const row of module.rows) {
      for (const place of row.in) {
        const claim = `${row.name} in ${place}`
        if (claims.has(claim)) twice.push(`${claim}: ${claims.get(claim)} and ${module.name}`)
        claims.set(claim, module.name)
      }
    }
  }
  assert.deepEqual(twice, [])
})

const GUARDED =
  /^(?:allow|deny|satisfy|auth_\w+|internal|limit_(?!rate)\w+|set_real_ip_from|real_ip_\w+|ssl_verify_client|ssl_client_certificate|proxy_ssl_verify|if|rewrite|return|set|secure_link\w*|valid_referers|js_access|max_headers|client_max_body_size|large_client_header_buffers)$/
/** They tune what another directive does, and that one is refused. */
const FOLLOW = /^auth_jwt_(?:key_cache|leeway|type)$/

test('what guards a site is never passed over', () => {
  const rows: readonly Row[] = MODULES.flatMap(module => module.rows)
  const open = rows.filter(
    ({ name, state }) => state === 'harmless' && GUARDED.test(name) && !FOLLOW.test(name),
  )
  assert.deepEqual(
    open.map(({ name }) => name),
    [],
  )
})

test('each that is not supported says why in words that follow on from its name', () => {
  for (const { name, state, note = '' } of MODULES.flatMap(module => module.rows)) {
    if (state === undefined) continue
    assert.ok(note.length > 12, `${name} says ${JSON.stringify(note)}`)
    assert.doesNotMatch(note, /\.$/, name)
  }
})
