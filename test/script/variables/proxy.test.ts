import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const CONFIG = 'events {} http { server { listen 127.0.0.1:8080; } }'

test('whom it was passed on to', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const of = (host: string) => {
    const visit = visitOf(facts)
    visit.proxyHost = host
    return [facts.variable('proxy_host')(visit), facts.variable('proxy_port')(visit)]
  }
  assert.deepEqual(of(''), [null, null])
  assert.deepEqual(of('backend'), ['backend', '80'])
  assert.deepEqual(of('127.0.0.1:8000'), ['127.0.0.1:8000', '8000'])
  assert.deepEqual(of('backend:80'), ['backend', '80'])
  assert.deepEqual(of('[::1]'), ['[::1]', '80'])
  assert.deepEqual(of('[::1]:81'), ['[::1]:81', '81'])
  assert.deepEqual(of('unix:/tmp/a.sock'), ['localhost', null])
})
