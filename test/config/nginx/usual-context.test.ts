import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from './read-text.ts'

const remarksOf = (text: string) => readText(text).remarks

test('the format main is that of nginx.org’s nginx.conf, unless the file says another', () => {
  const server = 'server { access_log /a.log main; }'
  const [format, ...more] = siteOf(server).logFormats
  assert.equal(format?.name, 'main')
  assert.match(format.format.text, /^\$remote_addr - .* "\$http_user_agent" "\$http_x_forwarded_for"$/)
  assert.deepEqual(more, [])
  const own = siteOf(`log_format main x; ${server}`).logFormats
  assert.deepEqual(
    own.map(({ format }) => format.text),
    ['x'],
  )
  assert.deepEqual(siteOf('server { access_log /a.log; }').logFormats, [])
  assert.deepEqual(remarksOf(`events {} http { ${server} }`), ['emerg: unknown log format "main" :1'])
})

test('$connection_upgrade is the map of nginx’s page on WebSockets, unless the file makes it itself', () => {
  const server =
    'server { location / { proxy_pass http://a; proxy_set_header Connection $connection_upgrade; } }'
  const namesOf = (text: string) => siteOf(text).variables.map(({ variable }) => variable)
  assert.deepEqual(namesOf(server), ['connection_upgrade'])
  assert.deepEqual(namesOf(server.replace('$connection_upgrade', '"$' + '{connection_upgrade}"')), [
    'connection_upgrade',
  ])
  assert.deepEqual(namesOf(`map $http_upgrade $connection_upgrade { default x; } ${server}`), [
    'connection_upgrade',
  ])
  assert.deepEqual(namesOf(server.replace('location', 'set $connection_upgrade x; location')), [])
  assert.deepEqual(namesOf('server { }'), [])
})

test('types of its own come on top of those of mime.types', () => {
  const typesOf = (text: string) => siteOf(text).servers[0]!.settings.types
  const types = typesOf('types { text/csv csv; text/own css; } server { }')
  assert.deepEqual(
    ['csv', 'css', 'html'].map(extension => types?.[extension]),
    ['text/csv', 'text/own', 'text/html'],
  )
  assert.equal(typesOf('types { text/html htm; } server { }')?.css, undefined)
})
