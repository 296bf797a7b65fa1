import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, siteOf } from './reading.ts'

test('types add up with text/html within a block, and take the place of those around it', t => {
  const { servers } = siteOf(
    t,
    `gzip_types text/css;
    server { gzip_types Text/Plain application/json; gzip_types image/svg+xml; location / { gzip_types *; } }
    server { charset_types text/css; }
    server { }`,
  )
  assert.deepEqual(
    [...servers[0]!.settings.gzipTypes!],
    ['text/html', 'text/plain', 'application/json', 'image/svg+xml'],
  )
  assert.equal(servers[0]!.locations[0]!.settings.gzipTypes, null)
  assert.deepEqual([...servers[1]!.settings.gzipTypes!], ['text/html', 'text/css'])
  assert.deepEqual([...servers[1]!.settings.charsetTypes!], ['text/html', 'text/css'])
  assert.equal(servers[2]!.settings.charsetTypes!.size, 6)
})

test('a type that is named twice is a warning', t => {
  const { remarks, site } = read(t, 'gzip_types text/html text/css; gzip_types text/css; server { }')
  assert.ok(site !== null)
  const said = remarks.map(({ level, message }) => `${level}: ${message}`)
  assert.deepEqual(said, ['warn: duplicate MIME type "text/html"', 'warn: duplicate MIME type "text/css"'])
})
