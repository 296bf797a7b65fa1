import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteOf } from '../reading.ts'

test('an if may switch it on for what it holds for', t => {
  const { servers } = siteOf(
    t,
    'server { location / { if ($arg_a) { ssi on; ssi_types *; } } ssi_types text/plain; }'.replace(
      ' ssi_types *;',
      '',
    ),
  )
  const [place] = servers[0]!.locations
  const [branch] = place!.rewrites
  assert.equal(place!.settings.ssi, false)
  assert.ok(branch?.op === 'if' && branch.settings.ssi)
  assert.deepEqual([...branch.settings.ssiTypes!], ['text/html', 'text/plain'])
})
