// Each method gives requests to the servers that nginx gives them to, one after another.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pickerFor } from '../../../src/upstream/balance/picker.ts'
import { siteOf } from '../../config/nginx/reading.ts'
import { askNginx, startNginx } from '../../support/nginx.ts'
import { freePort } from '../../support/ports.ts'
import { without } from '../../support/servers.ts'
import { peer } from './peers.ts'

const KEYS = ['', 'a', 'b', 'abc', '/index.html', ...Array.from({ length: 60 }, (_, i) => `key-${i * 7919}`)]
const CLIENTS = Array.from({ length: 40 }, (_, i) =>
  i % 4 === 3 ? `2001:db8::${i}:1` : `10.${i * 5}.${i}.1`,
)

const METHODS: readonly {
  line: string
  keys: readonly string[]
  field: string
  weights: readonly number[]
}[] = [
  { line: '', keys: KEYS, field: 'X-Key', weights: [1, 1, 1] },
  { line: '', keys: KEYS, field: 'X-Key', weights: [5, 1, 2] },
  { line: 'least_conn;', keys: KEYS, field: 'X-Key', weights: [1, 3, 1] },
  { line: 'hash $http_x_key;', keys: KEYS, field: 'X-Key', weights: [1, 2, 1] },
  { line: 'hash $http_x_key consistent;', keys: KEYS, field: 'X-Key', weights: [1, 3, 1] },
  { line: 'ip_hash;', keys: CLIENTS, field: 'X-Real-IP', weights: [1, 2, 1] },
]

for (const { line, keys, field, weights } of METHODS) {
  for (const down of [null, 1]) {
    const what = `${line || 'round robin'} with weights ${weights}${down === null ? '' : ', one of them down'}`
    test(`${what}: as nginx`, { skip: without('nginx') }, async t => {
      const ports = [await freePort(), await freePort(), await freePort()]
      const servers = ports
        .map((port, i) => `server 127.0.0.1:${port} weight=${weights[i]}${i === down ? ' down' : ''};`)
        .join('\n')
      const block = `upstream u { ${line} ${servers} }`
      const nginx = await startNginx(
        t,
        `set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; ${block}
        server { listen 127.0.0.1:PORT; location / { proxy_pass http://u; } }
        ${ports.map(port => `server { listen 127.0.0.1:${port}; location / { return 200 ${port}; } }`).join('\n')}`,
      )
      const given: string[] = []
      for (const key of keys) {
        const { body } = await askNginx(nginx, '/', { fields: { [field]: key === '' ? null : key } })
        given.push(`127.0.0.1:${body}`)
      }
      const { groups } = siteOf(t, block)
      const picker = pickerFor(groups[0]!.balance)
      const peers = groups[0]!.servers.map(server => ({ ...peer(server.name, server), there: !server.down }))
      const ours = keys.map(key => picker.pick(peers, ({ there }) => there, key)?.server)
      assert.deepEqual(ours, given)
    })
  }
}
