import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteOf } from '../reading.ts'

test('a place of films is none for those within it', t => {
  const { servers } = siteOf(
    t,
    'server { location /a { flv; location /a/b { } } location /c { mp4; mp4_buffer_size 1m; } location /d { } }',
  )
  const films = servers[0]!.locations.map(({ settings }) => settings.films)
  assert.deepEqual(films, ['flv', 'mp4', null])
  assert.equal(servers[0]!.locations[0]!.locations[0]!.settings.films, null)
})
